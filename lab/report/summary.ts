import type { CheckReport, LessonReport } from './report.ts'

/** A verdict in a sentence: the word that stands for it, and how the sentence goes on. */
export interface Summary {
  word: string
  rest: string
}

/** 'Not yet', ' on RabbitMQ 4.3.6 (container), 1.2 s: 2 of 8 expectations failed.' */
export function summaryOf(lesson: LessonReport, broker: CheckReport['broker']): Summary {
  const { verdict, working, durationMs, expectations } = lesson
  const where = onBroker(broker)
  const took = `${where}, ${(durationMs / 1000).toFixed(1)} s`
  const of = expectations.length
  const all = `${of} ${of === 1 ? 'expectation' : 'expectations'}`
  const late = expectations.filter(({ cutOff }) => cutOff !== undefined).length
  const notJudged = count(lesson, 'not-judged') - late
  switch (verdict) {
    case 'passed':
      if (notJudged === 0) return { word: 'Passed', rest: `${took}: all ${of} expectations.` }
      // A program in any language has nothing to import.
      return {
        word: 'Passed',
        rest: `${took}: all ${of - notJudged} expectations that apply to a program (${notJudged} ${notJudged === 1 ? 'needs' : 'need'} an exercise to import).`,
      }
    case 'failed': {
      if (of === 0) return { word: 'Not yet', rest: `${where}.` }
      const failed = count(lesson, 'failed')
      const notReached = count(lesson, 'not-reached')
      const besides = [
        notReached > 0 ? `, ${notReached} not reached` : '',
        late > 0 ? `, ${late} not judged in time` : '',
        notJudged > 0 ? `, and ${notJudged} can't be judged here` : '',
      ].join('')
      const goOn = working ? ' Step 1 passes, so the next lesson is open.' : ''
      const rest = `${took}: ${failed} of ${all} failed${besides}.${goOn}`
      return { word: 'Not yet', rest }
    }
    case 'not-judged': {
      const why = late > 0 ? `${late} of ${all} weren't judged in time` : `${notJudged} of ${all} can't be judged here`
      const besides = late > 0 && notJudged > 0 ? `, and ${notJudged} can't be judged here` : ''
      return { word: 'Not judged', rest: `${where}: ${why}${besides}. That isn't a pass.` }
    }
    case 'error':
      return { word: 'No verdict', rest: `${where}: the lab couldn't judge this. That says nothing about your code.` }
  }
}

/** All lessons of a check in a line: '3 of 5 lessons passed, 2 failed. Not begun: 06, 07.' */
export function overallLine({ lessons, notBegun = [] }: Pick<CheckReport, 'lessons' | 'notBegun'>): string {
  const of = (verdict: LessonReport['verdict']) => lessons.filter((lesson) => lesson.verdict === verdict).length
  const parts = [
    `${of('passed')} of ${lessons.length} ${lessons.length === 1 ? 'lesson' : 'lessons'} passed`,
    of('failed') > 0 ? `${of('failed')} failed` : '',
    of('not-judged') > 0 ? `${of('not-judged')} not judged` : '',
    of('error') > 0 ? `${of('error')} without a verdict` : '',
  ].filter((part) => part !== '')
  const rest = notBegun.length === 0 ? '' : ` Not begun: ${notBegun.map((name) => name.slice(0, 2)).join(', ')}.`
  return `${parts.join(', ')}.${rest}`
}

/** Which solutions stood in for earlier lessons, in a sentence; undefined where none did. */
export function usedSentence({ solutionsUsed }: LessonReport): string | undefined {
  const [first, ...more] = solutionsUsed
  if (first === undefined) return undefined
  return more.length === 0
    ? `The solution of ${first} was used.`
    : `The solutions of ${solutionsUsed.join(', ')} were used.`
}

/** ' on RabbitMQ 4.3.6 (container)'. */
export function onBroker(broker: CheckReport['broker']): string {
  return broker === null ? '' : ` on ${broker.product} ${broker.version} (${broker.kind})`
}

function count({ expectations }: LessonReport, verdict: 'failed' | 'not-judged' | 'not-reached'): number {
  return expectations.filter((expectation) => expectation.verdict === verdict).length
}

import type { ExpectationReport, LessonReport } from '../report/report.ts'
import { summaryOf, usedSentence } from '../report/summary.ts'
import { capitalised } from '../text/wrap.ts'
import { aboutMarks } from '../viewer/pack.ts'
import type { PackedShow } from '../viewer/shared/film.ts'
import type { ClassSetting, Graded, GradedLesson } from './graded.ts'
import { OUTCOME_WORDS } from './outcome-words.ts'
import type { LessonPoints, StepPoints } from './points/points.ts'
import type { Judgement } from './record.ts'

/** What a student is told of one expectation. */
export type ToldExpectation = Pick<
  ExpectationReport,
  'title' | 'verdict' | 'message' | 'at' | 'trace' | 'explained' | 'read' | 'readAt' | 'follows' | 'misconception'
>

export interface ToldStep extends StepPoints {
  expectations: ToldExpectation[]
  /** Where it fell short first: the hint that fits, as Markdown. */
  hint?: string
}

/** What a student is told of a lesson, as far as the details may be seen. */
export interface LessonFeedback {
  lesson: GradedLesson
  points: LessonPoints
  /** 'Not yet on RabbitMQ 4.3.6 (container), 1.2 s: 2 of 8 expectations failed.' */
  summary: string
  notes: string[]
  steps: ToldStep[]
  /** What kept it from being judged, in a line: a stack tells of the instructor's machine. */
  reason?: string
  output?: string[]
  code?: string
  /** What was recorded, to step through. */
  seen?: PackedShow
}

/**
 * What a student is told, lesson by lesson.
 *
 * @param seenOf what was recorded of a lesson; undefined where nothing is kept
 */
export function feedbackOf(
  graded: Graded,
  setting: ClassSetting,
  seenOf: (lesson: string) => PackedShow | undefined = () => undefined,
): LessonFeedback[] {
  return setting.lessons.flatMap((lesson) => {
    const points = graded.points.lessons.find((each) => each.lesson === lesson.name)
    if (points === undefined) return []
    const feedback = lessonFeedback(graded, lesson, points, setting)
    const seen = setting.details === 'none' ? undefined : seenOf(lesson.name)
    const titles = feedback.steps.flatMap(({ expectations }) => expectations.map(({ title }) => title))
    const shown = seen && aboutMarks(seen, (title) => titles.includes(title))
    return [shown && shown.scenes.length > 0 ? { ...feedback, seen: shown } : feedback]
  })
}

function lessonFeedback(
  { record }: Graded,
  lesson: GradedLesson,
  points: LessonPoints,
  { details, rubric }: ClassSetting,
): LessonFeedback {
  const own = record.lessons[lesson.name]
  const { judged } = own ?? {}
  const notes = [...(own?.notes ?? []), ...aboutPoints(points, rubric.dropWorst), ...judgedAgain(own?.earlier, judged)]
  if (judged === undefined || own === undefined) {
    return { lesson, points, summary: `${capitalised(OUTCOME_WORDS[points.outcome])}.`, notes, steps: [] }
  }
  const { report } = judged
  const { word, rest } = summaryOf(report, judged.broker)
  const used = usedSentence(report)
  const first = points.steps.find(({ state }) => state === 'failed')
  const steps = points.steps.map((step): ToldStep => {
    const hint = details !== 'none' && step === first ? lesson.hints[step.step] : undefined
    return { ...step, expectations: told(report, step.step, details), ...(hint === undefined ? {} : { hint }) }
  })
  const isShown = details === 'all' || (details === 'failed' && report.verdict !== 'passed')
  return {
    lesson,
    points,
    summary: [`${word}${rest}`, used].filter(Boolean).join(' '),
    notes,
    steps,
    ...(isShown ? { code: own.code } : {}),
    ...(isShown && report.reason !== undefined ? { reason: report.reason.split('\n', 1)[0] ?? '' } : {}),
    ...(isShown && report.output !== undefined ? { output: report.output } : {}),
  }
}

function told({ expectations }: LessonReport, step: number, details: ClassSetting['details']): ToldExpectation[] {
  const own = expectations.filter((expectation) => expectation.step === step)
  if (details === 'none') return []
  return details === 'all' ? own : own.filter(({ verdict }) => verdict !== 'passed')
}

function aboutPoints({ lateBy, isDropped }: LessonPoints, dropWorst: number): string[] {
  return [
    ...(lateBy === undefined
      ? []
      : [`${lateBy.days} ${lateBy.days === 1 ? 'day' : 'days'} late: ${lateBy.points} points deducted.`]),
    ...(isDropped
      ? [
          `This lesson doesn't count, because your worst ${dropWorst === 1 ? 'lesson is' : `${dropWorst} lessons are`} dropped.`,
        ]
      : []),
  ]
}

/** Both judgements are kept, and told. */
function judgedAgain(
  earlier: { judgement: Judgement; why: 'time-limit' | 'error' } | undefined,
  judged: Judgement | undefined,
) {
  if (earlier === undefined || judged === undefined) return []
  const word = (judgement: Judgement) => OUTCOME_WORDS[judgement.report.verdict]
  const why = earlier.why === 'error' ? 'The lab itself failed at first' : 'It hit a time limit at first'
  return [
    `${why} (${word(earlier.judgement)}). It was judged again when the machine was quiet, and that verdict counts: ${word(judged)}.`,
  ]
}

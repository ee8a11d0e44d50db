import type { LessonReport } from '../report/report.ts'
import type { Mistake } from './mistakes.ts'

/**
 * Why the check's verdict on a right exercise is wrong; undefined where it is right.
 *
 * @param inPart the broker can't be all that a check may need: what was judged has to pass, and something must have been
 */
export function wronglyJudgedRight(report: LessonReport, inPart: boolean): string | undefined {
  if (report.verdict === 'passed') return undefined
  if (inPart && report.verdict === 'not-judged' && report.expectations.some(({ verdict }) => verdict === 'passed')) {
    return undefined
  }
  const short = report.expectations.filter((expectation) => expectation.verdict !== 'passed')
  const said = short.map((expectation) => `    ${expectation.title}: ${expectation.message ?? expectation.verdict}`)
  return [
    `should pass, but the verdict is '${report.verdict}'${report.reason ? `: ${report.reason}` : ''}`,
    ...said,
  ].join('\n')
}

/** Why the check's verdict on a starter is wrong. */
export function wronglyJudgedStarter(report: LessonReport): string | undefined {
  if (report.verdict !== 'failed') return `should fail, but the verdict is '${report.verdict}'`
  return report.working ? 'passes the first step, so it would open the next lesson' : undefined
}

/**
 * Why the check's verdict on a mistake is wrong: it must fail the expectation that it names first, and at most one other,
 * for the reason that it names.
 *
 * @param inPart the broker can't be all that a check may need: a mistake that shows only there is not judged here
 */
export function wronglyJudgedMistake(report: LessonReport, mistake: Mistake, inPart: boolean): string | undefined {
  const notJudged = report.expectations.filter((expectation) => inPart && expectation.verdict === 'not-judged')
  if (notJudged.some((expectation) => expectation.title === mistake.expectation)) return undefined
  const short = report.expectations.filter(
    (expectation) => !['passed', 'not-reached'].includes(expectation.verdict) && !notJudged.includes(expectation),
  )
  const said = short.map(
    (expectation) => `    ${expectation.title} [${expectation.misconception ?? '-'}]: ${expectation.message ?? ''}`,
  )
  const wrong = (why: string) => [why, ...said].join('\n')
  if (report.verdict !== 'failed')
    return wrong(`should fail, but the verdict is '${report.verdict}'${report.reason ? `: ${report.reason}` : ''}`)
  if (!report.expectations.some((expectation) => expectation.title === mistake.expectation)) {
    return wrong(`names an expectation that the check does not have: '${mistake.expectation}'`)
  }
  const [first] = short
  if (first?.title !== mistake.expectation) return wrong(`should fail '${mistake.expectation}' first`)
  if (short.length > 2) return wrong(`fails ${short.length} expectations, but may fail at most two`)
  if (first.misconception !== mistake.misconception) return wrong(`should be explained as '${mistake.misconception}'`)
  const marked = first.trace?.find((row) => row.wrong)?.method ?? 'none'
  if (mistake.frame !== undefined && marked !== mistake.frame)
    return wrong(`its trace should mark ${mistake.frame}, but marks ${marked}`)
  return undefined
}

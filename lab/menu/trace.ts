import type { LessonScreen } from './context.ts'
import { pager } from './pager.ts'
import { expectationLines, shortfalls } from './result.ts'

/** Everything that failed in the last check, each with the whole of its trace. */
export const trace: LessonScreen = async (context, { lesson }) => {
  const { current } = context
  const judged = current?.judged
  if (current === undefined || judged === undefined)
    return { go: 'lesson', lesson, notice: 'Nothing has been checked yet.' }
  const short = shortfalls(judged.report)
  if (short.length === 0) {
    const notice = 'Nothing failed in the last check, so there is no trace to show.'
    return { go: 'lesson', lesson, notice }
  }
  return pager(context, lesson, `trace ${current.results}`, () =>
    short.flatMap((expectation) => [
      `Step ${expectation.step}`,
      ...expectationLines(expectation, context.theme(), current.withholds(expectation)),
      ...(expectation.trace?.length || expectation.verdict === 'not-reached' ? [] : ['  (no event shows it)']),
      '',
    ]),
  )
}

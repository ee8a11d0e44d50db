import { NO_SOLUTIONS, studentEdition } from '../which-edition.ts'
import type { LessonScreen, Next } from './context.ts'
import { mayShowSolution } from './may-show-solution.ts'
import { pager } from './pager.ts'
import { footOf } from './status.ts'

/** The student's exercise beside the solution: guarded as the solution is. */
export const compare: LessonScreen = async (context, { lesson }) => {
  const back: Next = { go: 'lesson', lesson }
  if (studentEdition(context.root)) return { ...back, notice: NO_SOLUTIONS }
  const side = context.compare
  if (!side || !(await mayShowSolution(context, lesson))) return back

  const stop = new AbortController()
  const { leaving } = context.interrupts
  const comparing = side(lesson, AbortSignal.any([stop.signal, leaving]))
  const view = () => ({
    id: `comparing ${lesson.name}`,
    body: ['Checking your exercise and the solution ...'],
    foot: footOf(context, 'Esc goes back   Ctrl-C quits'),
  })
  const text = await context.until(comparing, view)
  if (text === undefined) {
    stop.abort()
    return back
  }
  return pager(context, lesson, `compared ${lesson.name}`, () => text.trimEnd().split('\n'))
}

import { hasPassed } from '../progress/state.ts'
import { NO_SOLUTIONS, studentEdition } from '../which-edition.ts'
import { confirm } from './ask.ts'
import type { LessonScreen, Next } from './context.ts'
import { page } from './page.ts'
import { statusLine } from './status.ts'

/** The student's exercise beside the solution: guarded as the solution is. */
export const compare: LessonScreen = async (context, { lesson }) => {
  const back: Next = { go: 'lesson', lesson }
  if (studentEdition(context.root)) return { ...back, notice: NO_SOLUTIONS }
  const { interrupts } = context
  if (!context.compare) return back
  const side = context.compare
  const passed = hasPassed((await context.refresh()).progress, lesson.name)
  const question = 'You have not passed this lesson yet, and this shows its solution. A hint may be all you need.'
  if (!passed && !(await confirm(context, question, 'show me both', 'no, I go on trying'))) return back

  context.surface.show(() => ({
    id: `comparing ${lesson.name}`,
    body: ['Checking your exercise and the solution ... (Ctrl-C leaves)'],
    foot: [statusLine(context, context.theme())],
  }))
  const text = await interrupts.leavingAfter((signal) => side(lesson, signal))
  if (interrupts.leaving.aborted) return { go: 'leave' }
  return page(context, lesson, `compared ${lesson.name}`, () => text.trimEnd().split('\n'))
}

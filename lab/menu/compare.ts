import { shown } from '../lessons/files.ts'
import { hasPassed } from '../progress/state.ts'
import { readProgress } from '../progress/store.ts'
import { confirm } from './ask.ts'
import type { LessonScreen, Next } from './context.ts'
import { sayNotice } from './notice.ts'

/** The student's exercise beside the solution: guarded as the solution is. */
export const compare: LessonScreen = async (context, { lesson }) => {
  const back: Next = { go: 'lesson', lesson, at: 'compare' }
  const { interrupts } = context
  if (!context.compare) return back
  const side = context.compare
  const passed = hasPassed(sayNotice(context, await readProgress(context.root, context.state)), lesson.name)
  const question = 'You have not passed this lesson yet, and this shows its solution. A hint may be all you need.'
  if (!passed && !(await confirm(context, question, 'show me both', 'no, I go on trying'))) return back

  context.print(`Checking ${shown(context.root, lesson.exercise)} and the solution ... (Ctrl-C leaves)`)
  const text = await interrupts.leavingAfter((signal) => side(lesson, signal))
  if (interrupts.leaving.aborted) return { go: 'leave' }
  context.print(`\n${text}`)
  return back
}

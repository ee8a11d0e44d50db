import type { Lesson } from '../lessons/lesson.ts'
import { hasPassed } from '../progress/state.ts'
import type { Context } from './context.ts'
import { confirm } from './question.ts'

/** After a pass it may; before one, only if the student says so. A pass that comes while they think about it counts. */
export async function mayShowSolution(context: Context, lesson: Lesson): Promise<boolean> {
  await context.refresh()
  const question = 'You have not passed this lesson yet. A hint may be all you need. Show the solution anyway?'
  return confirm(context, question, () => hasPassed(context.view.progress, lesson.name))
}

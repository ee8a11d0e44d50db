import { ensureExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { wrap } from '../text/wrap.ts'
import type { Context, LessonScreen } from './context.ts'
import { overview } from './overview.ts'

const NOT_YET =
  "This was the lab's own broker. When RabbitMQ is ready, this menu offers to confirm the pass there; RabbitMQ has the last word."

/** Has the exercise judged, and stays with the lesson whatever comes out. */
export const check: LessonScreen = async (context, { lesson }) => {
  const { interrupts } = context
  await ensureExercise(lesson)
  context.print(`Checking ${shown(context.root, lesson.exercise)} ... (Ctrl-C leaves)`)
  const report = await interrupts.leavingAfter((signal) => context.check(lesson, signal))
  if (interrupts.leaving.aborted) return { go: 'leave' }
  context.printReport(report)
  context.print('')
  // What passed on the lab's own broker is confirmed as soon as RabbitMQ is there: at once where it is by now.
  const passed = report.verdict === 'passed' && (await standIn(context, lesson)) !== undefined
  if (passed && context.canConfirm?.()) return { go: 'confirm', lesson }
  if (passed && context.confirm) {
    const { width } = context.look()
    context.print(wrap(NOT_YET, width).join('\n'))
    context.print('')
  }
  return { go: 'lesson', lesson, ...(report.verdict === 'passed' ? {} : { at: 'check' }) }
}

/** The kind of broker that a pass was seen on, where it was not RabbitMQ. */
async function standIn(context: Context, lesson: Lesson): Promise<string | undefined> {
  const { lessons } = await overview(context.root, context.state)
  return lessons.find((each) => each.lesson.name === lesson.name)?.standIn
}

import { ensureExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { LessonScreen } from './context.ts'

/** Has the exercise judged, and stays with the lesson whatever comes out. */
export const check: LessonScreen = async (context, { lesson }) => {
  const { interrupts } = context
  await ensureExercise(lesson)
  context.print(`Checking ${shown(context.root, lesson.exercise)} ... (Ctrl-C leaves)`)
  const report = await interrupts.leavingAfter((signal) => context.check(lesson, signal))
  if (interrupts.leaving.aborted) return { go: 'leave' }
  context.printReport(report)
  context.print('')
  return { go: 'lesson', lesson, ...(report.verdict === 'passed' ? {} : { at: 'check' }) }
}

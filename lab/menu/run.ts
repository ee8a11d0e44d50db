import { ensureExercise } from '../lessons/exercise.ts'
import type { LessonScreen, Next } from './context.ts'

/** Runs the student's service until the student has seen enough; Ctrl-C stops the service and the run, not the menu. */
export const run: LessonScreen = async (context, { lesson }) => {
  const back: Next = { go: 'lesson', lesson }
  const { interrupts, io, window } = context
  if (!context.run) return back
  await ensureExercise(lesson)
  const play = context.run
  await window.handOver(() =>
    interrupts.stopping(async (signal) => {
      io.stdin.resume()
      try {
        await play(lesson, signal)
      } catch (error) {
        // Being stopped is how a run usually ends.
        if (!signal.aborted) throw error
      }
    }),
  )
  return { ...back, notice: 'Your service has ended. u runs it again.' }
}

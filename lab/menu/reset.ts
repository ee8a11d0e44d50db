import { reset as resetExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import { confirm } from './ask.ts'
import type { LessonScreen } from './context.ts'

/** Puts the exercise back to the starter, and says where the copy of what was there is. */
export const reset: LessonScreen = async (context, { lesson }) => {
  const file = shown(context.root, lesson.exercise)
  const sure = await confirm(
    context,
    `Put ${file} back to the starter? A dated copy of yours is kept.`,
    'reset it',
    'leave it as it is',
  )
  if (!sure) return { go: 'lesson', lesson, at: 'reset' }
  const copy = await resetExercise(lesson, context.state)
  context.print(
    copy
      ? `\n${file} is the starter again.\nYours is kept as ${shown(context.root, copy)}\n`
      : `\n${file} is the starter as it is: there was nothing to reset.\n`,
  )
  return { go: 'lesson', lesson, at: 'read' }
}

import { backupsOf, restore as restoreExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { LessonScreen } from './context.ts'
import { ask } from './question.ts'

/** Puts one of the kept copies back, the newest first; what is there now is kept as well. */
export const restore: LessonScreen = async (context, { lesson }) => {
  const file = shown(context.root, lesson.exercise)
  const backups = await backupsOf(lesson, context.state)
  if (backups.length === 0) {
    return { go: 'lesson', lesson, notice: `There is no copy of ${file}: one is made with each reset (x).` }
  }
  const chosen = await ask(context, () => ({
    type: 'select',
    message: `Which copy should become ${file}? What is there now is kept, too.`,
    choices: backups.map((backup) => ({
      value: backup,
      name: `${backup.date}, ${backup.lines} ${backup.lines === 1 ? 'line' : 'lines'}`,
    })),
  }))
  if (chosen === undefined) return { go: 'lesson', lesson }
  const copy = await restoreExercise(lesson, chosen, context.state)
  const kept = copy === undefined ? '' : ` What was there is kept as ${shown(context.root, copy)}.`
  return { go: 'lesson', lesson, notice: `${file} is the copy of ${chosen.date} again.${kept}` }
}

import { backupsOf, restore as restoreExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { LessonScreen } from './context.ts'
import { ask } from './question.ts'

/** Puts one of the kept copies back, the newest first; what is there now is kept as well. */
export const restore: LessonScreen = async (context, { lesson }) => {
  const file = shown(context.root, lesson.exercise)
  const backups = await backupsOf(lesson, context.state)
  if (backups.length === 0) {
    return { go: 'lesson', lesson, notice: `There is no copy of ${file} yet. Each reset (x) makes one.` }
  }
  const chosen = await ask(context, () => ({
    type: 'select',
    message: `Which copy should become ${file}? The lab keeps the current one, too.`,
    choices: backups.map((backup) => ({
      value: backup,
      name: `${backup.date}, ${backup.lines} ${backup.lines === 1 ? 'line' : 'lines'}`,
    })),
  }))
  if (chosen === undefined) return { go: 'lesson', lesson }
  const copy = await restoreExercise(lesson, chosen, context.state)
  const kept = copy === undefined ? '' : ` Your previous file is kept as ${shown(context.root, copy)}.`
  return { go: 'lesson', lesson, notice: `${file} is now the copy from ${chosen.date}.${kept}` }
}

import { textOf } from '../lessons/catalogue.ts'
import { ensureExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import { shortName } from '../lessons/lesson.ts'
import type { LessonScreen } from './context.ts'

/** The lesson's text, then the file to write and the command that judges it. */
export const read: LessonScreen = async (context, { lesson }) => {
  // Rendering comes with highlighters for many languages: the first screen does not wait for them.
  const { renderMarkdown } = await import('../text/markdown.ts')
  await ensureExercise(lesson)
  context.print(`\n${renderMarkdown(await textOf(lesson), context.look())}`)
  context.print(`Your file:  ${shown(context.root, lesson.exercise)}`)
  context.print(`Check it:   npm run check -- ${shortName(lesson)}   (or 'check' below)\n`)
  return { go: 'lesson', lesson, at: 'check' }
}

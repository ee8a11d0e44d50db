import { textOf } from '../lessons/catalogue.ts'
import { shown } from '../lessons/files.ts'
import type { LessonScreen } from './context.ts'
import { pager } from './pager.ts'

/** The lesson's text, from its beginning, and then the file to write. */
export const read: LessonScreen = async (context, { lesson }) => {
  // Rendering comes with highlighters for many languages: the first screen does not wait for them.
  const { renderMarkdown } = await import('../text/markdown.ts')
  const source = await textOf(lesson)
  return pager(context, lesson, `read ${lesson.name}`, () => [
    ...renderMarkdown(source, context.theme()).trimEnd().split('\n'),
    '',
    `Your file:  ${shown(context.root, lesson.exercise)}`,
    'Save it, and it is checked.',
  ])
}

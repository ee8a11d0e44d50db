import { textLines } from './begin.ts'
import type { LessonScreen } from './context.ts'
import { pager } from './pager.ts'

/** The lesson's text, from its beginning, and then the file to write. */
export const read: LessonScreen = async (context, { lesson }) =>
  pager(context, lesson, `read ${lesson.name}`, await textLines(context, lesson))

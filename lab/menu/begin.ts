import { textOf } from '../lessons/catalogue.ts'
import { shown } from '../lessons/files.ts'
import { markBegun } from '../progress/way.ts'
import type { Context, LessonScreen } from './context.ts'
import { pager } from './pager.ts'
import { predict } from './predict.ts'

/** The lesson's question comes after its text. */
const FIRST_TIME = ['Space and arrows scroll', 'Enter goes on to the question', 'Ctrl-C quits']
const KEPT = 'Your prediction is kept. The lab comes back to it when you pass.'

/**
 * Opens a lesson. The first time its text comes first, then its question; nothing is checked before the student saves
 * or asks for it.
 */
export const begin: LessonScreen = async (context, opened) => {
  const { lesson } = opened
  const isFirst = context.view.progress.lessons[lesson.name]?.begun === undefined
  const isNew = context.view.lessons.find((each) => each.lesson.name === lesson.name)?.state === 'new'
  if (!isFirst || !isNew) return { ...opened, go: 'lesson' }
  const taking = context.take(lesson)
  const text = textLines(context, lesson)
  const next = await pager(context, lesson, `read ${lesson.name}`, text, { help: FIRST_TIME })
  await taking
  await markBegun(context.root, lesson.name, context.state)
  const isKept = await predict(context, lesson)
  await context.refresh()
  if (next.go !== 'lesson') return next
  if (opened.notice !== undefined) return { ...next, notice: opened.notice }
  return isKept ? { ...next, notice: KEPT, isBrief: true } : next
}

/** The lesson's text as lines, and then the file to write. */
export async function textLines(context: Context, lesson: Parameters<LessonScreen>[1]['lesson']) {
  // Rendering comes with highlighters for many languages: the other screens don't wait for them.
  const [{ renderMarkdown }, source] = await Promise.all([import('../text/markdown.ts'), textOf(lesson)])
  return () => [
    ...renderMarkdown(source, context.theme()).trimEnd().split('\n'),
    '',
    `Your file:  ${shown(context.root, lesson.exercise)}`,
    'Each time you save it, the lab checks it.',
  ]
}

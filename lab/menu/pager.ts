import type { Lesson } from '../lessons/lesson.ts'
import type { Context, Next } from './context.ts'
import { asManyAsFit } from './screen.ts'
import { footOf } from './status.ts'

const HELP = ['Enter or Esc goes back', 'Space and arrows scroll', 'Ctrl-C quits']

/**
 * A text to read, from its beginning, in the student's own terminal. The exercise is watched meanwhile: the line below
 * says what a save led to.
 *
 * @param text asked for anew when the window changes
 * @returns back to the lesson, with the key that was pressed, if it is one of the lesson's
 */
export async function pager(
  context: Context,
  lesson: Lesson,
  id: string,
  text: () => string[],
  { help = HELP, back = { go: 'lesson', lesson } }: { help?: string[]; back?: Next } = {},
): Promise<Next> {
  let drawn: { width: number; lines: string[] } | undefined
  const view = () => {
    const { width } = context.theme()
    if (drawn?.width !== width) drawn = { width, lines: text() }
    return { id, body: drawn.lines, foot: footOf(context, asManyAsFit(help, width)) }
  }
  return context.show(view, (key): Next => {
    const isBack = ['q', 'escape', 'enter', 'backspace', 'left', 'b'].includes(key)
    return isBack ? back : { go: 'lesson', lesson, key }
  })
}

import type { Lesson } from '../lessons/lesson.ts'
import type { Context, Next } from './context.ts'
import { footOf } from './status.ts'

const HELP = 'Space and arrows scroll   Enter or Esc goes back'

/**
 * A text to be read, from its beginning, in the student's own terminal. The exercise is watched meanwhile: the line
 * below says what a save brought.
 *
 * @param text asked for anew when the window changes
 * @returns back to the lesson, with the key that was pressed, where it is one of the lesson's
 */
export async function page(context: Context, lesson: Lesson, id: string, text: () => string[]): Promise<Next> {
  let drawn: { width: number; lines: string[] } | undefined
  context.surface.show(() => {
    const { width } = context.theme()
    if (drawn?.width !== width) drawn = { width, lines: text() }
    return { id, body: drawn.lines, foot: footOf(context, HELP), paged: true }
  })
  const key = await context.key()
  const isBack = ['q', 'escape', 'enter', 'backspace', 'left', 'b'].includes(key)
  return { go: 'lesson', lesson, ...(isBack ? {} : { key }) }
}

import type { Lesson } from '../lessons/lesson.ts'
import type { Context, Next } from './context.ts'
import { isLessonKey } from './keys.ts'
import { asManyAsFit, type Key } from './screen.ts'
import { footOf } from './status.ts'

const HELP = ['Enter or Esc goes back', 'Space and arrows scroll', 'Ctrl-C quits']

/**
 * A text to read, from its beginning, in the student's own terminal. The exercise is watched meanwhile: the line below
 * says what a save led to.
 *
 * @param text asked for anew when the window changes; the screen is there before it is, and waits for it
 * @returns back to the lesson, with the key that was pressed, if it is one of the lesson's
 */
export async function pager(
  context: Context,
  lesson: Lesson,
  id: string,
  text: (() => string[]) | Promise<() => string[]>,
  { help = HELP, back = { go: 'lesson', lesson } }: { help?: string[]; back?: Next } = {},
): Promise<Next> {
  let drawn: { width: number; lines: string[] } | undefined
  let ready: (() => string[]) | undefined
  const failed = Promise.withResolvers<never>()
  Promise.resolve(text).then((lines) => {
    ready = lines
    context.window.redraw()
  }, failed.reject)
  const view = () => {
    const { width } = context.theme()
    if (ready !== undefined && drawn?.width !== width) drawn = { width, lines: ready() }
    return { id, body: drawn?.lines ?? [lesson.title], foot: footOf(context, asManyAsFit(help, width)) }
  }
  const press = (key: Key): Next | undefined => {
    if (['q', 'escape', 'enter', 'backspace', 'left', 'b'].includes(key)) return back
    // A key that means nothing must not end the reading.
    return isLessonKey(key) ? { go: 'lesson', lesson, key } : undefined
  }
  return Promise.race([context.show(view, press), failed.promise])
}

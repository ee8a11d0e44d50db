import { createPrompt, type KeypressEvent, useEffect, useKeypress, useRef, useState } from '@inquirer/core'
import pc from 'picocolors'
import wrapAnsi from 'wrap-ansi'
import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { widthOf, wrap } from '../text/wrap.ts'
import type { Window } from './window.ts'

/** What a screen shows: a body that can be scrolled, and below it what is always visible. */
export interface View {
  /** A different text has a different one: it is then shown from its beginning. */
  id: string
  body: string[]
  foot: string[]
}

/** A key by its name: 'h', '?', 'enter', 'escape', 'backspace'. */
export type Key = string

export interface ScreenOptions<T> {
  window: Pick<Window, 'size' | 'listen' | 'onEscape'>
  theme(): Theme
  /** Asked for anew with each redraw. */
  view(): View
  /** What a key leads to; undefined: the screen stays. */
  key(key: Key): T | undefined | Promise<T | undefined>
}

const HIDE_CURSOR = '\u001b[?25l'
const NAMES: Record<string, Key> = { return: 'enter' }

export const screenPrompt = createPrompt<unknown, ScreenOptions<unknown>>((options, done) => {
  const { window, theme, view } = options
  const [, redraw] = useState(0)
  const scrolled = useRef({ id: '', offset: 0, page: 1 })
  const answer = async (key: Key, rl: { pause(): void; resume(): void }) => {
    const next = options.key(key)
    // Keys that come meanwhile, or came in the same piece, are for the next screen.
    if (next !== undefined) rl.pause()
    const value = next instanceof Promise ? await next : next
    if (value !== undefined) return done(value)
    if (next !== undefined) rl.resume()
    redraw((count) => count + 1)
  }
  useEffect((rl) => {
    const stopListening = window.listen(() => redraw((count) => count + 1))
    const stopEscape = window.onEscape(() => void answer('escape', rl))
    return () => {
      stopListening()
      stopEscape()
    }
  }, [])
  useKeypress((event, rl) => {
    // Letters are keys here, not a line.
    rl.clearLine(0)
    const key = nameOf(event)
    if (key === undefined) return
    const step = stepOf(key, scrolled.current.page)
    if (step === undefined) void answer(key, rl)
    else {
      scrolled.current.offset += step
      redraw((count) => count + 1)
    }
  })
  const shown = view()
  if (shown.id !== scrolled.current.id) scrolled.current.offset = 0
  const { lines, offset, page } = fitted(shown, window.size, scrolled.current.offset, theme())
  scrolled.current = { id: shown.id, offset, page }
  // Inquirer takes the last line for its prompt, and adds another where that is empty or exactly full: it is one below
  // the window, which shows none of it.
  return `${HIDE_CURSOR}${lines.join('\n')}\n `
})

/** Shows a screen until a key leads on, and returns where to. Rejects when the signal aborts. */
export function show<T>(options: ScreenOptions<T> & { window: Window }, signal: AbortSignal): Promise<T> {
  const { input, output } = options.window
  return screenPrompt(options, { input, output, signal, clearPromptOnDone: true }) as Promise<T>
}

/**
 * A view as the lines of a window: the foot at the bottom, above it as much of the body as there is room for.
 *
 * @param wished The first line of the body to show.
 */
export function fitted(
  view: View,
  { rows, columns }: { rows: number; columns: number },
  wished: number,
  theme: Theme,
): { lines: string[]; offset: number; page: number } {
  const foot = view.foot.slice(-Math.max(1, rows - 2))
  // One line between body and foot says whether there is more.
  const page = Math.max(1, rows - foot.length - 1)
  const all = view.body.flatMap((line) => folded(line, columns, theme))
  const offset = Math.min(Math.max(0, wished), Math.max(0, all.length - page))
  const body = all.slice(offset, offset + page)
  while (body.length < page) body.push('')
  const below = all.length - offset - page
  const lines = [...body, more(offset, below, theme), ...foot].map((line) => cut(line, columns, theme))
  return { lines: lines.slice(-rows), offset, page }
}

function more(above: number, below: number, theme: Theme): string {
  const { horizontal } = symbolsOf(theme)
  const said =
    below > 0 ? `${below} more ${below === 1 ? 'line' : 'lines'}, Space goes on` : 'the end; the up arrow goes back'
  return above > 0 || below > 0 ? `${horizontal.repeat(2)} ${said} ${horizontal.repeat(2)}` : ''
}

/** The words of a line that fit, and an ellipsis for the rest; nothing is cut in the middle of a word. */
export function cut(line: string, columns: number, theme: Pick<Theme, 'unicode'>): string {
  if (line.length <= columns || widthOf(line) <= columns) return line
  const { ellipsis } = symbolsOf(theme)
  const room = Math.max(1, columns - widthOf(ellipsis))
  const [first = ''] = wrapAnsi(line, room, { hard: true, trim: false }).split('\n', 1)
  return `${first.trimEnd()}${ellipsis}`
}

/** A line that is too long, such as one of code, in lines that fit; a mark says that a line goes on. */
export function folded(line: string, columns: number, theme: Theme): string[] {
  if (line.length <= columns || widthOf(line) <= columns) return [line]
  const { dim } = pc.createColors(theme.colour)
  const mark = symbolsOf(theme).goesOn
  const pieces = wrapAnsi(line, Math.max(1, columns - widthOf(mark) - 1), { hard: true, trim: false })
  return pieces.split('\n').map((piece, i) => (i === 0 ? piece.trimEnd() : `${dim(mark)} ${piece.trim()}`))
}

/** A sentence or more as lines. */
export function lines(text: string, theme: Theme): string[] {
  return text.split('\n').flatMap((line) => wrap(line, theme.width))
}

/** As many parts as there is room for, the most important first: what does not fit goes as a whole. */
export function asManyAsFit(all: string[], width: number): string {
  const parts = [...all]
  while (parts.length > 1 && widthOf(parts.join('   ')) > width) parts.pop()
  return parts.join('   ')
}

/** How far a key scrolls; undefined: it doesn't. */
function stepOf(key: Key, page: number): number | undefined {
  const steps: Record<Key, number> = {
    up: -1,
    down: 1,
    pageup: -page,
    pagedown: page,
    space: page,
    home: Number.NEGATIVE_INFINITY,
    end: Number.MAX_SAFE_INTEGER,
  }
  return steps[key]
}

function nameOf({ name, ctrl, sequence }: KeypressEvent & { sequence?: string }): Key | undefined {
  if (ctrl) return undefined
  // A character is itself; other keys have a name.
  const isCharacter = sequence !== undefined && sequence > ' ' && !/\p{Cc}/u.test(sequence)
  return isCharacter ? sequence : name && (NAMES[name] ?? name)
}

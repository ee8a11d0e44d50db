import wrapAnsi from 'wrap-ansi'
import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { wrap } from '../text/wrap.ts'
import type { View } from './surface.ts'

export interface Size {
  rows: number
  columns: number
}

/** A view as the lines of a window, and how far its body can be scrolled. */
export interface Frame {
  lines: string[]
  offset: number
  /** Lines of the body that are in sight. */
  page: number
}

/**
 * Fits a view into a window: the foot at the bottom, above it as much of the body as there is room for.
 *
 * @param offset The first line of the body that is wished for.
 */
export function frame(view: View, { rows, columns }: Size, offset: number, theme: Theme): Frame {
  const foot = view.foot.slice(-Math.max(1, rows - 2))
  // One line between body and foot says whether there is more.
  const page = Math.max(1, rows - foot.length - 1)
  const last = Math.max(0, view.body.length - page)
  const wished = view.at === undefined ? offset : inSight(view.at, offset, page)
  const from = Math.min(Math.max(0, wished), last)
  const body = view.body.slice(from, from + page)
  while (body.length < page) body.push('')
  const below = view.body.length - from - page
  const lines = [...body, more(from, below, view, theme), ...foot].map((line) => cut(line, columns))
  return { lines: lines.slice(-rows), offset: from, page }
}

function inSight(at: number, offset: number, page: number): number {
  if (at < offset) return at
  return at >= offset + page ? at - page + 1 : offset
}

function more(above: number, below: number, view: View, theme: Theme): string {
  const { horizontal } = symbolsOf(theme)
  const said = [
    below > 0 ? `${below} more ${below === 1 ? 'line' : 'lines'}` : '',
    view.at === undefined && below > 0 ? 'Space goes on' : '',
    view.at === undefined && above > 0 && below <= 0 ? 'the end; the up arrow goes back' : '',
  ].filter((part) => part !== '')
  return said.length === 0 ? '' : `${horizontal.repeat(2)} ${said.join(', ')} ${horizontal.repeat(2)}`
}

/** The part of a line that fits; colours are ended. */
export function cut(line: string, columns: number): string {
  if (line.length <= columns) return line
  return wrapAnsi(line, Math.max(1, columns), { hard: true, trim: false, wordWrap: false }).split('\n', 1)[0] ?? ''
}

/** A sentence or more as lines. */
export function lines(text: string, theme: Theme): string[] {
  return text.split('\n').flatMap((line) => wrap(line, theme.width))
}

import pc from 'picocolors'
import type { Side } from '../recording/recording.ts'
import { spell, symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { visible } from '../text/visible.ts'
import { indent, pad, widthOf, wrap } from '../text/wrap.ts'

/** Something to be shown: what the service prints, what passes the wire, what the lab has to say. */
export type Shown =
  | { of: 'service'; text: string }
  | { of: 'lab'; text: string }
  | { of: 'wire'; from: Side; text: string }

/** From here on the service and the wire have a column each. */
const TWO_COLUMNS = 100
/** 'service | ' */
const PREFIX = 10

/**
 * The lines of it. In a wide terminal the service's output stands left and the frames stand right; in a narrow one
 * each line says where it comes from.
 *
 *    [x] Received resize..              │ ◀─ basic.deliver (deliveryTag 1, body resize..)
 *
 *   service │ [x] Received resize..
 *        ◀─ │ basic.deliver (deliveryTag 1, body resize..)
 */
export function shownLines(shown: Shown, theme: Theme): string[] {
  const { vertical } = symbolsOf(theme)
  const text = spell(visible(shown.text), theme)
  if (theme.width < TWO_COLUMNS) {
    const label = shown.of === 'wire' ? arrow(shown.from, theme) : shown.of
    const lines = fold(text, theme.width - PREFIX)
    return indent(lines, `${label.padStart(7)} ${vertical} `, `${' '.repeat(7)} ${vertical} `).map((line) =>
      coloured(shown, line, theme),
    )
  }
  if (shown.of === 'lab') return wrap(text, theme.width).map((line) => coloured(shown, line, theme))
  const left = Math.floor(theme.width * 0.45)
  if (shown.of === 'service') return fold(text, left).map((line) => `${pad(line, left)} ${vertical}`)
  const lines = indent(fold(text, theme.width - left - 6), `${arrow(shown.from, theme)} `)
  return lines.map((line) => `${' '.repeat(left)} ${vertical} ${coloured(shown, line, theme)}`)
}

function arrow(from: Side, theme: Theme): string {
  const { arrow, horizontal } = symbolsOf(theme)
  return from === 'student' ? `${horizontal}${arrow.right}` : `${arrow.left}${horizontal}`
}

function coloured({ of }: Shown, line: string, { colour }: Theme): string {
  const colours = pc.createColors(colour)
  return of === 'lab' ? colours.cyan(line) : of === 'wire' ? colours.dim(line) : line
}

/** Lines of the width; what a line begins with is kept, as in ' [x] Received'. */
function fold(text: string, width: number): string[] {
  const start = /^ {0,8}/.exec(text)?.[0] ?? ''
  return wrap(text.slice(start.length), width - start.length, { hard: true }).map((line) => start + line)
}

/** The beginning of a text, as far as it fits. */
export function shorten(text: string, width: number, theme: Theme): string {
  if (widthOf(text) <= width) return text
  const { ellipsis } = symbolsOf(theme)
  const characters = [...text]
  while (characters.length > 0 && widthOf(characters.join('')) > width - widthOf(ellipsis)) characters.pop()
  return characters.join('') + ellipsis
}

import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

/** The columns that a text takes on the screen; colours take none. */
export function widthOf(text: string): number {
  return stringWidth(text)
}

/** Fills a text up with spaces to a width on the screen. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/**
 * A text in lines no longer than `width`, broken between words.
 *
 * @param options.hard Breaks words that are too long, too. Without it they stand out: an address stays whole,
 *   and can be copied.
 */
export function wrap(text: string, width: number, options: { hard?: boolean } = {}): string[] {
  return wrapAnsi(text, Math.max(1, width), { hard: options.hard === true, trim: true })
    .split('\n')
    .map((line) => line.trimEnd())
}

/** Puts `first` before the first line and as many spaces (or `rest`) before the others; empty lines stay empty. */
export function indent(lines: string[], first: string, rest: string = ' '.repeat(widthOf(first))): string[] {
  return lines.map((line, index) => (index === 0 ? first + line : rest + line).trimEnd())
}

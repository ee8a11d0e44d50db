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
 * @param options.hard Breaks words that are too long, too, behind a comma or a dot where they have one. Without it they
 *   stand out: an address stays whole, and can be copied.
 */
export function wrap(text: string, width: number, options: { hard?: boolean } = {}): string[] {
  const room = Math.max(1, width)
  const hard = options.hard === true
  const broken = hard ? text.replace(/\S+/g, (word) => pieces(word, room).join('\n')) : text
  return wrapAnsi(broken, room, { hard, trim: true })
    .split('\n')
    .map((line) => line.trimEnd())
}

/** Where a word may be broken, the best places first: JSON, addresses, the names of methods. */
const SEAMS = [/(?<=[,;])/, /(?<=:)(?!\/)/, /(?<=[./?&=])(?![./])/, /(?<=[-_])/]

/** A word in pieces that fit, as few as there can be with the best seams. One without a seam stays too long. */
function pieces(word: string, room: number, [seam, ...seams] = SEAMS): string[] {
  // Of a coloured word the pieces would lose their colour.
  if (widthOf(word) <= room || seam === undefined || word.includes('\u001b')) return [word]
  const lines = ['']
  for (const part of word.split(seam)) {
    const last = lines.at(-1) ?? ''
    if (widthOf(last + part) <= room) lines[lines.length - 1] = last + part
    else lines.push(...pieces(part, room, seams))
  }
  return lines.filter((line) => line !== '')
}

/** Puts `first` before the first line and as many spaces (or `rest`) before the others; empty lines stay empty. */
export function indent(lines: string[], first: string, rest: string = ' '.repeat(widthOf(first))): string[] {
  return lines.map((line, index) => (index === 0 ? first + line : rest + line).trimEnd())
}

/** A sentence that begins with a capital letter. */
export function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

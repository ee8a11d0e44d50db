import { align } from './align.ts'

/** A piece of a line; `changed` where the other side has something else. */
export interface Piece {
  text: string
  changed: boolean
}

/** Lines longer than this are no code that anybody reads word by word. */
const LONGEST = 2_000

/** Two lines, cut into what they share and what they don't. Their indentation is not compared. */
export function wordDifference(left: string, right: string): { left: Piece[]; right: Piece[] } {
  if (left.length > LONGEST || right.length > LONGEST) {
    return { left: [{ text: left, changed: true }], right: [{ text: right, changed: true }] }
  }
  const stretches = align(tokens(left.trim()), tokens(right.trim()), (token) => (token.trim() === '' ? ' ' : token))
  const pieces = (side: 'left' | 'right', line: string) => {
    const indentation = { text: line.slice(0, line.length - line.trimStart().length), changed: false }
    const own = stretches.map((stretch) => ({ text: stretch[side].join(''), changed: !stretch.same }))
    return join([indentation, ...own])
  }
  return { left: pieces('left', left), right: pieces('right', right) }
}

/** How much of two lines is alike, from 0 to 1: by their words, wherever they stand. */
export function similarity(left: string, right: string): number {
  const own = words(left)
  const others = words(right)
  const total = own.length + others.length
  if (total === 0) return 0
  const counts = new Map<string, number>()
  for (const word of own) counts.set(word, (counts.get(word) ?? 0) + 1)
  let shared = 0
  for (const word of others) {
    const count = counts.get(word) ?? 0
    if (count > 0) shared++
    counts.set(word, count - 1)
  }
  return (2 * shared) / total
}

function tokens(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_$]+|./gu) ?? []
}

/** Brackets and commas are alike in any two lines: they don't count. */
function words(text: string): string[] {
  return text.slice(0, LONGEST).match(/[\p{L}\p{N}_$]+/gu) ?? []
}

/** A space between two changed words has changed with them: one mark is easier to read than two. */
function join(pieces: Piece[]): Piece[] {
  const joined: Piece[] = []
  const full = pieces.filter(({ text }) => text !== '')
  full.forEach((piece, index) => {
    const isBetween = full[index - 1]?.changed === true && full[index + 1]?.changed === true && piece.text.trim() === ''
    const changed = piece.changed || isBetween
    const last = joined.at(-1)
    if (last?.changed === changed) last.text += piece.text
    else joined.push({ text: piece.text, changed })
  })
  return joined
}

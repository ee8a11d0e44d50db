import { visible } from '../text/visible.ts'
import { align, type Stretch } from './align.ts'
import { type Piece, similarity, wordDifference } from './words.ts'

/** A line of a file. */
export interface Line {
  /** From 1. */
  number: number
  /** Words: parts of it differ from the line beside it. Whole: nothing on the other side is like it. */
  change: 'same' | 'words' | 'whole'
  pieces: Piece[]
}

/** A line of each file, beside each other; one of them may be missing. */
export interface CodeRow {
  left?: Line
  right?: Line
}

interface Source {
  number: number
  text: string
}

/** Lines that share fewer words than this are no versions of one line. */
const ALIKE = 0.5
/** More pairs than this are not tried: such blocks are different throughout. */
const MOST_PAIRS = 40_000

/** The rows of two files beside each other. How lines are indented and ended makes no difference. */
export function compareCode(left: string, right: string): CodeRow[] {
  return align(sources(left), sources(right), ({ text }) => text.trim()).flatMap((stretch) =>
    stretch.same ? same(stretch) : changed(stretch),
  )
}

export function isSame({ left, right }: CodeRow): boolean {
  return left?.change === 'same' && right?.change === 'same'
}

function sources(file: string): Source[] {
  const lines = file.trimEnd().split(/\r\n|\r|\n/)
  return lines.map((text, index) => ({ number: index + 1, text: visible(text).trimEnd() }))
}

function same({ left, right }: Stretch<Source>): CodeRow[] {
  return left.flatMap((line, index) => {
    const beside = right[index]
    return beside ? [{ left: plain(line, 'same'), right: plain(beside, 'same') }] : []
  })
}

/** Lines that are versions of each other stand in one row; what is between them stands side by side, to save room. */
function changed({ left, right }: Stretch<Source>): CodeRow[] {
  const rows: CodeRow[] = []
  let atLeft = 0
  let atRight = 0
  const catchUp = (toLeft: number, toRight: number) => {
    while (atLeft < toLeft || atRight < toRight) {
      const one = atLeft < toLeft ? left[atLeft++] : undefined
      const other = atRight < toRight ? right[atRight++] : undefined
      rows.push({
        ...(one ? { left: plain(one, 'whole') } : {}),
        ...(other ? { right: plain(other, 'whole') } : {}),
      })
    }
  }
  for (const [i, j] of versions(left, right)) {
    catchUp(i, j)
    const [one, other] = [left[atLeft++], right[atRight++]]
    if (!one || !other) continue
    const words = wordDifference(one.text, other.text)
    rows.push({
      left: { number: one.number, change: 'words', pieces: words.left },
      right: { number: other.number, change: 'words', pieces: words.right },
    })
  }
  catchUp(left.length, right.length)
  return rows
}

function plain({ number, text }: Source, change: 'same' | 'whole'): Line {
  return { number, change, pieces: [{ text, changed: change === 'whole' }] }
}

/** Which lines are versions of which: the pairs, in order, that are together most alike. */
function versions(left: Source[], right: Source[]): [number, number][] {
  if (left.length * right.length > MOST_PAIRS) return []
  const score = left.map((one) =>
    right.map((other) => {
      const alike = similarity(one.text, other.text)
      return alike >= ALIKE ? alike : 0
    }),
  )
  const at = (table: number[][], i: number, j: number) => table[i]?.[j] ?? 0
  /** The best that can be had of the lines from i and j on. */
  const best: number[][] = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  for (let i = left.length - 1; i >= 0; i--) {
    const row = best[i] ?? []
    for (let j = right.length - 1; j >= 0; j--) {
      const paired = at(score, i, j) > 0 ? at(score, i, j) + at(best, i + 1, j + 1) : 0
      row[j] = Math.max(paired, at(best, i + 1, j), at(best, i, j + 1))
    }
  }
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const paired = at(score, i, j) > 0 ? at(score, i, j) + at(best, i + 1, j + 1) : -1
    if (paired === at(best, i, j)) pairs.push([i++, j++])
    else if (at(best, i + 1, j) >= at(best, i, j + 1)) i++
    else j++
  }
  return pairs
}

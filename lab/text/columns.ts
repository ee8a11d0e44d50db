import type { Participant, Row, Sequence } from './sequence.ts'
import { spell } from './symbols.ts'
import type { Theme } from './theme.ts'
import { widthOf, wrap } from './wrap.ts'

/** Where the lifelines stand. */
export interface Columns {
  /** The participants' names, in lines. */
  heads: string[][]
  at(id: string): number
  all: number[]
  /** The first and last column inside `depth` frames. */
  inner(depth: number): { left: number; right: number }
  /** Columns of the whole picture. */
  width: number
}

/** Room that an arrow needs beside its label: ends, strokes and spaces. */
const AROUND_LABEL = 7
/** Room that a line of a label needs beside it where it stands above its arrow. */
const AROUND_WORD = 3
const LEAST_TAIL = 14
const BESIDE_FRAME = 3
const FRAME = 2
const NARROW_NAME = 8
const NARROWEST_GAP = 12
const GAP_BETWEEN_HEADS = 2

/**
 * Gaps as wide as the longest label across them wants; where that is more than there is, the widest give way, and
 * then the participants' names take several lines.
 */
export function layOut(sequence: Sequence, theme: Theme): Columns {
  const wide = place(sequence, theme, ({ name }) => [spell(name, theme)])
  if (wide.width <= theme.width) return wide
  return place(sequence, theme, ({ name }) => wrap(spell(name, theme), NARROW_NAME))
}

function place(sequence: Sequence, theme: Theme, nameOf: (participant: Participant) => string[]): Columns {
  const { participants, rows } = sequence
  const heads = participants.map(nameOf)
  const rank = new Map(participants.map(({ id }, index) => [id, index]))
  const find = (id: string): number => {
    const index = rank.get(id)
    if (index === undefined) throw new RangeError(`'${id}' is not one of the participants`)
    return index
  }
  const flat = flatten(rows)
  const halves = heads.map((lines) => Math.ceil((Math.max(...lines.map(widthOf)) + 4) / 2))
  /** What a gap must have for the heads, what it should have for whole words, and what whole labels would like. */
  const must = halves
    .slice(1)
    .map((half, index) => Math.max(NARROWEST_GAP, (halves[index] ?? 0) + half + GAP_BETWEEN_HEADS))
  const should = [...must]
  const gaps = [...must]
  const raise = (widths: number[], gap: number, width: number) => {
    widths[gap] = Math.max(widths[gap] ?? 0, width)
  }

  let tail = 0
  for (const row of flat) {
    if (row.kind !== 'message') continue
    const [low, high] = [find(row.from), find(row.to)].sort((a, b) => a - b) as [number, number]
    const text = spell(row.text, theme)
    const wanted = widthOf(text) + AROUND_LABEL + (row.head === 'lost' ? 3 : 0)
    const word = Math.max(...text.split(' ').map(widthOf)) + AROUND_WORD
    if (low === high) {
      // A hook on the last lifeline needs room behind it.
      if (low === participants.length - 1) tail = Math.max(tail, wanted)
      else raise(gaps, low, wanted)
      continue
    }
    for (let gap = low; gap < high; gap++) {
      raise(gaps, gap, Math.ceil(wanted / (high - low)))
      raise(should, gap, Math.ceil(word / (high - low)))
    }
  }

  const times = Math.max(0, ...flat.map((row) => (row.time ? widthOf(row.time) + 1 : 0)))
  const marks = flat.some((row) => row.mark === 'wrong') ? 2 : 0
  const frames = depthOf(rows) * FRAME
  // The heads stand above the frames: they share the room at the sides.
  const before = times + Math.max(halves[0] ?? 0, frames + BESIDE_FRAME)
  const edges = before + marks + 1
  const excess = edges + frames + tail + gaps.reduce((sum, gap) => sum + gap, 0) - theme.width
  // The room behind the last lifeline gives way first: its labels wrap best.
  const least = Math.min(tail, LEAST_TAIL)
  tail = Math.max(halves.at(-1) ?? 0, frames + Math.max(tail - Math.max(excess, 0), least, BESIDE_FRAME))
  shrink(gaps, should, theme.width - edges - tail)
  shrink(gaps, must, theme.width - edges - tail)

  const all = [before]
  for (const gap of gaps) all.push((all.at(-1) ?? 0) + gap)
  const width = (all.at(-1) ?? 0) + tail + marks + 1
  return {
    heads,
    at: (id) => all[find(id)] ?? 0,
    all,
    inner: (depth) => ({ left: times + depth * FRAME, right: width - 1 - marks - depth * FRAME }),
    width,
  }
}

function shrink(gaps: number[], least: number[], room: number): void {
  let excess = gaps.reduce((sum, gap) => sum + gap, 0) - room
  while (excess > 0) {
    const slack = gaps.map((gap, index) => (gap > (least[index] ?? 0) ? gap : 0))
    const widest = Math.max(0, ...slack)
    if (widest === 0) return
    gaps[slack.indexOf(widest)] = widest - 1
    excess--
  }
}

/** Messages and notes in frames as well as outside. */
function flatten(rows: Row[]): Exclude<Row, { kind: 'frame' }>[] {
  return rows.flatMap((row) => (row.kind === 'frame' ? row.parts.flatMap((part) => flatten(part.rows)) : [row]))
}

function depthOf(rows: Row[]): number {
  return Math.max(
    0,
    ...rows.map((row) => (row.kind === 'frame' ? 1 + Math.max(...row.parts.map((part) => depthOf(part.rows))) : 0)),
  )
}

import { escaped } from '../text/html.ts'
import type { Row, Sequence } from '../text/sequence.ts'
import { widthOf, wrap } from '../text/wrap.ts'

/** Of the font, which is monospaced: a character, and a line. */
const CHARACTER = 7.25
const LINE = 16
const LONGEST = 34
const MARGIN = 14
const PAD = 8
/** What the ends of an arrow take beside its text. */
const ENDS = 32
/** How much shorter an arrow is than its way, by its head. */
const SHORTER = { arrow: 6, lost: 14, none: 0 }
/** The width of an arrow that comes back to where it began. */
const LOOP = 26

type Message = Extract<Row, { kind: 'message' }>
type Note = Extract<Row, { kind: 'note' }>

/** A lesson's diagram as a picture; a screen reader says its rows as sentences. */
export function sequenceSvg(sequence: Sequence): string {
  return new Drawing(sequence).svg()
}

/** The same in words: 'broker to worker: deliver 1.' */
export function sequenceWords({ participants, rows }: Sequence): string {
  const name = (id: string) => participants.find((each) => each.id === id)?.name ?? id
  const words = (row: Row): string[] => {
    if (row.kind === 'message') {
      const lost = row.head === 'lost' ? ' (never arrives)' : ''
      return [`${name(row.from)} to ${name(row.to)}: ${row.text}${lost}.`]
    }
    if (row.kind === 'note') return [`${row.over.map(name).join(' and ')}: ${row.text}.`]
    return row.parts.flatMap(({ label, rows }) => [`${row.name} ${label}:`, ...rows.flatMap(words)])
  }
  return rows.flatMap(words).join(' ')
}

class Drawing {
  readonly #sequence: Sequence
  /** Where each lifeline is. */
  readonly #at = new Map<string, number>()
  readonly #out: string[] = []
  #width = 0
  #y = MARGIN

  constructor(sequence: Sequence) {
    this.#sequence = sequence
    this.#place()
  }

  svg(): string {
    const { participants, rows } = this.#sequence
    const top = this.#y + LINE + PAD
    for (const { id, name } of participants) this.#box(this.#x(id), this.#y, [name], 'who')
    this.#y = top + LINE
    for (const row of rows) this.#row(row, 0)
    const bottom = this.#y
    const lines = participants.map(({ id }) => {
      const x = this.#x(id)
      return `<path class="life" d="M${x} ${top}V${bottom}"/>`
    })
    const size = `width="${this.#width}" height="${bottom + MARGIN}" viewBox="0 0 ${this.#width} ${bottom + MARGIN}"`
    const label = escaped(sequenceWords(this.#sequence))
    const picture = `<svg class="sequence" ${size} role="img" aria-label="${label}">${lines.join('')}${this.#out.join('')}</svg>`
    return `<div class="scroll" tabindex="0" role="group" aria-label="Diagram">${picture}</div>`
  }

  /** Gives each lifeline its place: what is said between two of them has room. */
  #place(): void {
    const { participants, rows } = this.#sequence
    const index = new Map(participants.map(({ id }, i) => [id, i]))
    const boxes = participants.map(({ name }) => widthIn([name]) + 2 * PAD)
    const gaps = boxes.slice(1).map((box, i) => (box + (boxes[i] ?? 0)) / 2 + MARGIN)
    let before = (boxes[0] ?? 0) / 2
    let behind = (boxes.at(-1) ?? 0) / 2
    const all = flat(rows)
    for (const row of all.filter((each) => each.kind === 'message')) {
      const [from = 0, to = 0] = [index.get(row.from), index.get(row.to)]
      const needed = widthIn(folded(row.text)) + ENDS + (from === to ? LOOP : 0)
      const [first, last] = from === to ? [from, from + 1] : [Math.min(from, to), Math.max(from, to)]
      if (first >= gaps.length) behind = Math.max(behind, needed)
      else {
        const has = gaps.slice(first, last).reduce((sum, gap) => sum + gap, 0)
        if (has < needed) gaps[last - 1] = (gaps[last - 1] ?? 0) + needed - has
      }
    }
    for (const row of all.filter((each) => each.kind === 'note')) {
      const half = widthIn(folded(row.text)) / 2 + PAD
      const over = row.over.map((id) => index.get(id) ?? 0)
      if (over.includes(0)) before = Math.max(before, half)
      if (over.includes(participants.length - 1)) behind = Math.max(behind, half)
    }
    let x = MARGIN + before
    for (const [i, { id }] of participants.entries()) {
      this.#at.set(id, Math.round(x))
      x += gaps[i] ?? 0
    }
    this.#width = Math.round(x + behind + MARGIN)
  }

  #x(id: string): number {
    return this.#at.get(id) ?? 0
  }

  #row(row: Row, depth: number): void {
    if (row.kind === 'message') this.#message(row)
    else if (row.kind === 'note') this.#note(row)
    else {
      const [left, top] = [MARGIN / 2 + 4 * depth, this.#y]
      for (const { label, rows } of row.parts) {
        if (this.#y !== top) this.#out.push(`<path class="frame part" d="M${left} ${this.#y}H${this.#width - left}"/>`)
        this.#text(left + 4, [`${this.#y === top ? row.name : 'else'} ${label}`.trim()], 'frame-name')
        this.#y += PAD
        for (const each of rows) this.#row(each, depth + 1)
      }
      const size = `width="${this.#width - 2 * left}" height="${this.#y - top}"`
      this.#out.push(`<rect class="frame" x="${left}" y="${top}" ${size}/>`)
      this.#y += PAD
    }
  }

  #message({ from, to, text, line, head = 'arrow' }: Message): void {
    const [start, end] = [this.#x(from), this.#x(to)]
    const lines = folded(text)
    const way = end >= start ? 1 : -1
    if (start === end) {
      this.#text(start + LOOP + PAD, lines)
      const y = this.#y - 4
      this.#out.push(`<path class="arrow" d="M${start} ${y - LINE}h${LOOP}v${LINE / 2 + 4}H${start + 6}"/>`)
      this.#head(start, y - LINE / 2 + 4, -1, head)
    } else {
      this.#text((start + end) / 2, lines, 'middle')
      const y = this.#y
      const dashed = line === 'dashed' ? ' dashed' : ''
      this.#out.push(`<path class="arrow${dashed}" d="M${start} ${y}H${end - way * SHORTER[head]}"/>`)
      this.#head(end, y, way, head)
    }
    this.#y += PAD
  }

  #head(x: number, y: number, way: number, head: Message['head']): void {
    if (head === 'arrow')
      this.#out.push(`<polygon points="${x},${y} ${x - 9 * way},${y - 5} ${x - 9 * way},${y + 5}"/>`)
    if (head === 'lost') {
      const at = x - 14 * way
      this.#out.push(`<path class="lost" d="M${at - 5} ${y - 5}l10 10m0 -10l-10 10"/>`)
    }
  }

  #note({ over, text }: Note): void {
    const places = over.map((id) => this.#x(id))
    this.#box((Math.min(...places) + Math.max(...places)) / 2, this.#y, folded(text), 'note')
    this.#y += folded(text).length * LINE + 2 * PAD
  }

  #box(middle: number, y: number, lines: string[], name: string): void {
    const width = widthIn(lines) + 2 * PAD
    const size = `width="${width}" height="${lines.length * LINE + PAD}" rx="3"`
    this.#out.push(`<rect class="${name}" x="${middle - width / 2}" y="${y}" ${size}/>`)
    const before = this.#y
    this.#y = y + 3
    this.#text(middle, lines, 'middle')
    this.#y = before
  }

  /** Lines of text from here on downwards. */
  #text(x: number, lines: string[], name = ''): void {
    for (const each of lines) {
      this.#y += LINE
      this.#out.push(
        `<text x="${x}" y="${this.#y - 3}"${name === '' ? '' : ` class="${name}"`}>${escaped(each)}</text>`,
      )
    }
    this.#y += 4
  }
}

function folded(text: string): string[] {
  return wrap(text, LONGEST)
}

function widthIn(lines: string[]): number {
  return Math.ceil(Math.max(...lines.map(widthOf)) * CHARACTER)
}

function flat(rows: Row[]): Exclude<Row, { kind: 'frame' }>[] {
  return rows.flatMap((row) => (row.kind === 'frame' ? flat(row.parts.flatMap((part) => part.rows)) : [row]))
}

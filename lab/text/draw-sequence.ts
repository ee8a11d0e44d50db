import { type Canvas, canvas } from './canvas.ts'
import { type Columns, layOut } from './columns.ts'
import type { Mark, Row, Sequence } from './sequence.ts'
import { type Symbols, spell, symbolsOf } from './symbols.ts'
import type { Theme } from './theme.ts'
import { pad, widthOf, wrap } from './wrap.ts'

interface Pen {
  theme: Theme
  symbols: Symbols
  columns: Columns
}

/** Columns by which a message that never arrives falls short. */
const LOST = 3

/** Draws the exchange, one string a line, in the look's width wherever its participants can stand that close. */
export function drawSequence(sequence: Sequence, theme: Theme): string[] {
  const pen: Pen = { theme, symbols: symbolsOf(theme), columns: layOut(sequence, theme) }
  return [...drawHeads(pen), ...drawRows(sequence.rows, pen, 0), lifelines(pen, 0)].map((line) => line.text())
}

function drawHeads(pen: Pen): Canvas[] {
  const { all, heads } = pen.columns
  const { corner, horizontal, vertical } = pen.symbols
  const height = Math.max(...heads.map((lines) => lines.length)) + 2
  const picture = Array.from({ length: height }, () => blank(pen))
  heads.forEach((lines, index) => {
    const inner = Math.max(...lines.map(widthOf)) + 2
    const middle = all[index] ?? 0
    const x = middle - Math.floor((inner + 2) / 2)
    // Every head stands on the lifelines' begin, however many lines its name has.
    const top = height - 2 - lines.length
    picture[top]?.put(x, corner.topLeft + horizontal.repeat(inner) + corner.topRight)
    lines.forEach((line, below) => {
      const start = x + 1 + Math.floor((inner - widthOf(line)) / 2)
      picture[top + 1 + below]
        ?.put(x, vertical)
        .put(start, line, 'bold')
        .put(x + inner + 1, vertical)
    })
    const base = corner.bottomLeft + horizontal.repeat(inner) + corner.bottomRight
    picture.at(-1)?.put(x, base).put(middle, corner.down)
  })
  return picture
}

function drawRows(rows: Row[], pen: Pen, depth: number): Canvas[] {
  return rows.flatMap((row) => {
    if (row.kind === 'frame') return drawFrame(row, pen, depth)
    return row.kind === 'note' ? drawNote(row, pen, depth) : drawMessage(row, pen, depth)
  })
}

/** The label stands in the arrow where it fits in one line, otherwise above it. */
function drawMessage(row: Extract<Row, { kind: 'message' }>, pen: Pen, depth: number): Canvas[] {
  if (row.from === row.to) return drawSelf(row, pen, depth)
  const from = pen.columns.at(row.from)
  const to = pen.columns.at(row.to)
  const left = Math.min(from, to) + 1
  const length = Math.abs(from - to) - 1
  const style = styleOf(row.mark)
  const text = spell(row.text, pen.theme)
  // What is lost ends before it arrives: the shaft is shorter, the label moves with it.
  const missing = row.head === 'lost' ? LOST : 0
  const reach = length - missing
  const fits = widthOf(text) + 6 <= reach
  const above = fits || text === '' ? [] : wrap(text, length - 2, { hard: true })
  const lines = above.map((line) => {
    const start = left + Math.floor((length - widthOf(line)) / 2)
    return lifelines(pen, depth).put(start, line, style)
  })
  const arrow = lifelines(pen, depth).put(left, shaft(row, length, from < to, pen), style)
  if (fits && text !== '') {
    const begin = left + (from < to ? 0 : missing)
    arrow.put(begin + Math.floor((reach - widthOf(text) - 2) / 2), ` ${text} `, style)
  }
  lines.push(arrow)
  if (row.time) lines[0]?.put(0, row.time, style ?? 'dim')
  if (row.mark === 'wrong') arrow.put(pen.columns.width - 1, pen.symbols.cross, 'wrong')
  return lines
}

function shaft(row: Extract<Row, { kind: 'message' }>, length: number, rightward: boolean, pen: Pen): string {
  const { arrow, dashed, horizontal } = pen.symbols
  const stroke = row.line === 'dashed' ? dashed : horizontal
  const head = row.head ?? 'arrow'
  const missing = head === 'lost' ? LOST : 0
  const tip = head === 'none' ? stroke : head === 'lost' ? arrow.lost : rightward ? arrow.right : arrow.left
  const line = stroke.repeat(length - missing - 1)
  return rightward ? `${line}${tip}` : `${' '.repeat(missing)}${tip}${line}`
}

/** What a participant does by itself: a short hook back to its own lifeline, with the label beside it. */
function drawSelf(row: Extract<Row, { kind: 'message' }>, pen: Pen, depth: number): Canvas[] {
  const { corner, horizontal, arrow } = pen.symbols
  const x = pen.columns.at(row.from)
  const style = styleOf(row.mark)
  const room = pen.columns.inner(depth).right - x - 6
  const text = wrap(spell(row.text, pen.theme), Math.max(room, 10), { hard: true })
  const first = lifelines(pen, depth).put(x + 1, horizontal + horizontal + corner.topRight, style)
  const last = lifelines(pen, depth).put(x + 1, arrow.left + horizontal + corner.bottomRight, style)
  const between = Array.from({ length: Math.max(0, text.length - 2) }, () =>
    lifelines(pen, depth).put(x + 3, pen.symbols.vertical, style),
  )
  const lines = [first, ...between, last]
  text.forEach((line, index) => {
    lines[index]?.put(x + 5, `${line} `, style)
  })
  if (row.time) first.put(0, row.time, style ?? 'dim')
  return lines
}

function drawNote(row: Extract<Row, { kind: 'note' }>, pen: Pen, depth: number): Canvas[] {
  const xs = row.over.map((id) => pen.columns.at(id))
  const inner = pen.columns.inner(depth)
  const [low, high] = [Math.min(...xs), Math.max(...xs)]
  const room =
    row.side === 'left'
      ? low - inner.left - 1
      : row.side === 'right'
        ? inner.right - high - 1
        : inner.right - inner.left
  const text = wrap(spell(row.text, pen.theme), Math.min(Math.max(room - 4, 10), 44), { hard: true })
  const width = Math.max(...text.map(widthOf)) + 4
  const wanted =
    row.side === 'left' ? low - width - 1 : row.side === 'right' ? high + 2 : Math.round((low + high - width + 1) / 2)
  const x = Math.max(inner.left, Math.min(wanted, inner.right - width + 1))
  const style = row.mark === 'wrong' ? 'wrong' : 'note'
  const lines = text.map((line) => lifelines(pen, depth).put(x, `[ ${pad(line, width - 4)} ]`, style))
  if (row.time) lines[0]?.put(0, row.time, 'dim')
  if (row.mark === 'wrong') lines[0]?.put(pen.columns.width - 1, pen.symbols.cross, 'wrong')
  return lines
}

function drawFrame(row: Extract<Row, { kind: 'frame' }>, pen: Pen, depth: number): Canvas[] {
  const { corner } = pen.symbols
  const lines: Canvas[] = []
  row.parts.forEach((part, index) => {
    const title = index === 0 ? [row.name, part.label].filter((word) => word !== '').join(': ') : part.label || 'else'
    const ends: [string, string] = index === 0 ? [corner.topLeft, corner.topRight] : [corner.left, corner.right]
    lines.push(rule(pen, depth, ends, title), ...drawRows(part.rows, pen, depth + 1))
  })
  return [...lines, rule(pen, depth, [corner.bottomLeft, corner.bottomRight], '')]
}

/** A side of a frame, across all lifelines, with what it says. */
function rule(pen: Pen, depth: number, [start, end]: [string, string], title: string): Canvas {
  const { left, right } = pen.columns.inner(depth)
  const line = surround(blank(pen), pen, depth)
  line.put(left, start + pen.symbols.horizontal.repeat(right - left - 1) + end, 'dim')
  if (title === '') return line
  const room = right - left - 5
  const label = spell(title, pen.theme)
  const [first = '', more] = wrap(label, room - widthOf(pen.symbols.ellipsis), { hard: true })
  const shown = more === undefined ? first : first + pen.symbols.ellipsis
  return line.put(left + 2, ` ${shown} `, 'bold')
}

/** A line with nothing but the lifelines, and the sides of the frames around it. */
function lifelines(pen: Pen, depth: number): Canvas {
  const line = surround(blank(pen), pen, depth)
  for (const x of pen.columns.all) line.put(x, pen.symbols.vertical)
  return line
}

function surround(line: Canvas, pen: Pen, depth: number): Canvas {
  for (let outer = 0; outer < depth; outer++) {
    const { left, right } = pen.columns.inner(outer)
    line.put(left, pen.symbols.vertical, 'dim').put(right, pen.symbols.vertical, 'dim')
  }
  return line
}

function blank(pen: Pen): Canvas {
  return canvas(pen.theme.colour)
}

function styleOf(mark: Mark | undefined): 'wrong' | 'dim' | undefined {
  return mark === 'faint' ? 'dim' : mark
}

import pc from 'picocolors'
import { symbolsOf } from './symbols.ts'
import type { Theme } from './theme.ts'
import { pad, widthOf, wrap } from './wrap.ts'

const GAP = 2
const NARROWEST = 6

/**
 * Rows of cells as a table without boxes: columns two spaces apart, a rule under the head, cells that
 * don't fit wrapped in their column. Cells may be coloured.
 */
export function table(rows: string[][], theme: Theme, options: { head?: boolean } = {}): string[] {
  const colours = pc.createColors(theme.colour)
  const widths = columnWidths(rows, theme.width)
  const lines: string[] = []
  rows.forEach((row, index) => {
    const isHead = options.head === true && index === 0
    const cells = widths.map((width, column) => wrap(row[column] ?? '', width, { hard: true }))
    const height = Math.max(1, ...cells.map((cell) => cell.length))
    for (let line = 0; line < height; line++) {
      const parts = cells.map((cell, column) => {
        const text = cell[line] ?? ''
        return pad(isHead && text !== '' ? colours.bold(text) : text, widths[column] ?? 0)
      })
      lines.push(parts.join(' '.repeat(GAP)).trimEnd())
    }
    if (isHead) lines.push(widths.map((width) => symbolsOf(theme).horizontal.repeat(width)).join(' '.repeat(GAP)))
  })
  return lines
}

/** Every column as wide as its widest cell; where that is too much the widest columns give way, one by one. */
function columnWidths(rows: string[][], room: number): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(1, ...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP * (count - 1) - room
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths)
    if (widest <= NARROWEST) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths
}

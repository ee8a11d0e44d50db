import pc from 'picocolors'
import { widthOf } from './wrap.ts'

export type Style = 'bold' | 'dim' | 'note' | 'wrong'

/** One line on which text is put at columns, later text over earlier. */
export interface Canvas {
  put(column: number, text: string, style?: Style): Canvas
  text(): string
}

interface Cell {
  character: string
  style: Style | undefined
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

export function canvas(colour: boolean): Canvas {
  const cells: Cell[] = []
  const line: Canvas = {
    put(column, text, style) {
      let at = column
      for (const { segment } of graphemes.segment(text)) {
        if (at >= 0) cells[at] = { character: segment, style }
        // A wide character takes the cell after it as well.
        for (let extra = 1; extra < widthOf(segment); extra++) cells[at + extra] = { character: '', style }
        at += widthOf(segment)
      }
      return line
    },
    text: () => paint(cells, colour),
  }
  return line
}

/** Neighbours of one style are coloured together: fewer codes, and a screen reader meets whole words. */
function paint(cells: Cell[], colour: boolean): string {
  const colours = pc.createColors(colour)
  const brushes = { bold: colours.bold, dim: colours.dim, note: colours.yellow, wrong: colours.red }
  const runs: { text: string; style: Style | undefined }[] = []
  for (const cell of Array.from(cells, (each) => each ?? { character: ' ', style: undefined })) {
    const last = runs.at(-1)
    if (last && last.style === cell.style) last.text += cell.character
    else runs.push({ text: cell.character, style: cell.style })
  }
  return runs
    .map(({ text, style }) => (style ? brushes[style](text) : text))
    .join('')
    .trimEnd()
}

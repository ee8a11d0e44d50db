import type { Look } from '../text/look.ts'
import { symbolsOf } from '../text/symbols.ts'
import { pad } from '../text/wrap.ts'

/** The room of each of two columns, with a line between them. */
export function columnWidth(look: Look): number {
  return Math.floor((look.width - BETWEEN) / 2)
}

const BETWEEN = 3

/** Two cells of lines beside each other, each in its column. */
export function beside(left: string[], right: string[], look: Look): string[] {
  const width = columnWidth(look)
  const { vertical } = symbolsOf(look)
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
    `${pad(left[index] ?? '', width)} ${vertical} ${right[index] ?? ''}`.trimEnd(),
  )
}

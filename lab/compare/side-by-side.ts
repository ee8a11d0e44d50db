import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { pad } from '../text/wrap.ts'

/** The room of each of two columns, with a line between them. */
export function columnWidth(theme: Theme): number {
  return Math.floor((theme.width - BETWEEN) / 2)
}

const BETWEEN = 3

/** Two cells of lines beside each other, each in its column. */
export function beside(left: string[], right: string[], theme: Theme): string[] {
  const width = columnWidth(theme)
  const { vertical } = symbolsOf(theme)
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
    `${pad(left[index] ?? '', width)} ${vertical} ${right[index] ?? ''}`.trimEnd(),
  )
}

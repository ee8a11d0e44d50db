import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { type CodeRow, isSame, type Line } from './code.ts'
import { fold } from './fold.ts'
import { brushes, markedLines, type Whose } from './marked.ts'
import { beside, columnWidth } from './side-by-side.ts'

/** Where two columns of code have too little room each, there is one. */
const NARROWEST_FOR_TWO = 100

/** How the two files differ, in two columns or in one. */
export function codeText(rows: CodeRow[], theme: Theme): string[] {
  if (rows.every(isSame)) return ['The two files are the same.']
  const { left, right } = brushes(theme)
  const isWide = theme.width >= NARROWEST_FOR_TWO
  const legend = [
    `${left('-')} yours   ${right('+')} the solution${isWide ? '   ~ in both, but different' : ''}`,
    theme.colour ? 'Underlined: what differs within a line.' : 'Within a line: [-yours-] {+the solution+}.',
  ]
  return [...legend, '', ...(isWide ? twoColumns(rows, theme) : oneColumn(rows, theme))]
}

function twoColumns(rows: CodeRow[], theme: Theme): string[] {
  const width = columnWidth(theme)
  const digits = digitsOf(rows)
  const { bold } = brushes(theme)
  const cell = (line: Line | undefined, whose: Whose) => (line ? numbered(line, whose, width, digits, theme) : [])
  return [
    ...beside([bold('Yours')], [bold('The solution')], theme),
    ...fold(rows, isSame).flatMap((each) => {
      if ('folded' in each) return leftOut(each.folded, theme)
      return beside(cell(each.row.left, 'left'), cell(each.row.right, 'right'), theme)
    }),
  ]
}

/** As a patch is written: a block of yours, then what the solution has in its place. */
function oneColumn(rows: CodeRow[], theme: Theme): string[] {
  const digits = digitsOf(rows)
  const lines: string[] = []
  let pending: string[] = []
  const settle = () => {
    lines.push(...pending)
    pending = []
  }
  for (const each of fold(rows, isSame)) {
    if ('folded' in each) {
      settle()
      lines.push(...leftOut(each.folded, theme))
      continue
    }
    const { left, right } = each.row
    if (isSame(each.row)) settle()
    if (left) lines.push(...numbered(left, 'left', theme.width, digits, theme, true))
    if (right && !isSame(each.row)) pending.push(...numbered(right, 'right', theme.width, digits, theme, true))
  }
  settle()
  return lines
}

function leftOut(count: number, theme: Theme): string[] {
  return [brushes(theme).dim(`${symbolsOf(theme).ellipsis} ${count} identical lines`)]
}

/** ' 12 ~ code'; in one column the mark says whose the line is. */
function numbered(line: Line, whose: Whose, width: number, digits: number, theme: Theme, sign = false): string[] {
  const brush = brushes(theme)
  const own = { left: '-', right: '+' }[whose]
  const mark = { same: ' ', words: sign ? own : '~', whole: own }[line.change]
  const indentation = digits + 3
  return markedLines(line, whose, Math.max(1, width - indentation), theme).map((text, index) => {
    const number = index === 0 ? brush.dim(String(line.number).padStart(digits)) : ' '.repeat(digits)
    const gutter = line.change === 'same' ? mark : brush[whose](mark)
    return `${number} ${gutter} ${text}`.trimEnd()
  })
}

function digitsOf(rows: CodeRow[]): number {
  return Math.max(...rows.map(({ left, right }) => String(Math.max(left?.number ?? 0, right?.number ?? 0)).length))
}

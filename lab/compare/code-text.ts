import type { Look } from '../text/look.ts'
import { symbolsOf } from '../text/symbols.ts'
import { type CodeRow, isSame, type Line } from './code.ts'
import { fold } from './fold.ts'
import { brushes, markedLines, type Whose } from './marked.ts'
import { beside, columnWidth } from './side-by-side.ts'

/** Where two columns of code have too little room each, there is one. */
const NARROWEST_FOR_TWO = 100

/** How the two files differ, in two columns or in one. */
export function codeText(rows: CodeRow[], look: Look): string[] {
  if (rows.every(isSame)) return ['The two files are the same.']
  const { left, right } = brushes(look)
  const isWide = look.width >= NARROWEST_FOR_TWO
  const legend = [
    `${left('-')} yours   ${right('+')} the solution${isWide ? '   ~ both, but not alike' : ''}`,
    look.colour ? 'Underlined: what differs within a line.' : 'Within a line: [-yours-] {+the solution+}.',
  ]
  return [...legend, '', ...(isWide ? twoColumns(rows, look) : oneColumn(rows, look))]
}

function twoColumns(rows: CodeRow[], look: Look): string[] {
  const width = columnWidth(look)
  const digits = digitsOf(rows)
  const { bold } = brushes(look)
  const cell = (line: Line | undefined, whose: Whose) => (line ? numbered(line, whose, width, digits, look) : [])
  return [
    ...beside([bold('Yours')], [bold('The solution')], look),
    ...fold(rows, isSame).flatMap((each) => {
      if ('folded' in each) return leftOut(each.folded, look)
      return beside(cell(each.row.left, 'left'), cell(each.row.right, 'right'), look)
    }),
  ]
}

/** As a patch is written: a block of yours, then what the solution has in its place. */
function oneColumn(rows: CodeRow[], look: Look): string[] {
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
      lines.push(...leftOut(each.folded, look))
      continue
    }
    const { left, right } = each.row
    if (isSame(each.row)) settle()
    if (left) lines.push(...numbered(left, 'left', look.width, digits, look, true))
    if (right && !isSame(each.row)) pending.push(...numbered(right, 'right', look.width, digits, look, true))
  }
  settle()
  return lines
}

function leftOut(count: number, look: Look): string[] {
  return [brushes(look).dim(`${symbolsOf(look).ellipsis} ${count} lines alike`)]
}

/** ' 12 ~ code'; in one column the mark says whose the line is. */
function numbered(line: Line, whose: Whose, width: number, digits: number, look: Look, sign = false): string[] {
  const brush = brushes(look)
  const own = { left: '-', right: '+' }[whose]
  const mark = { same: ' ', words: sign ? own : '~', whole: own }[line.change]
  const indentation = digits + 3
  return markedLines(line, whose, Math.max(1, width - indentation), look).map((text, index) => {
    const number = index === 0 ? brush.dim(String(line.number).padStart(digits)) : ' '.repeat(digits)
    const gutter = line.change === 'same' ? mark : brush[whose](mark)
    return `${number} ${gutter} ${text}`.trimEnd()
  })
}

function digitsOf(rows: CodeRow[]): number {
  return Math.max(...rows.map(({ left, right }) => String(Math.max(left?.number ?? 0, right?.number ?? 0)).length))
}

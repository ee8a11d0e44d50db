import type { TraceRow } from '../report/report.ts'
import { isFrame, said } from '../report/rows.ts'
import { spell, symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { wrap } from '../text/wrap.ts'
import { type Folded, fold } from './fold.ts'
import { brushes, type Whose } from './marked.ts'
import { beside, columnWidth } from './side-by-side.ts'
import type { ComparedScenario, TracePair } from './trace.ts'

/** Rows of all scenarios together. */
const MOST_ROWS = 60
const TIME = 6

/** What is shown of a scenario, and how many rows of it are not. */
export interface ShownScenario {
  name: string
  rows: Folded<TracePair>[]
  leftOut: number
  /** Nothing differs but times. */
  isAlike: boolean
}

/** Folded, and each with its share of the rows that can be read. */
export function shownScenarios(scenarios: ComparedScenario[]): ShownScenario[] {
  let left = MOST_ROWS
  return scenarios.map(({ name, rows }, index) => {
    const folded = fold(rows, ({ same }) => same)
    // What one does not need is the others'.
    const share = Math.floor(left / (scenarios.length - index))
    left -= Math.min(share, folded.length)
    const leftOut = folded.slice(share).reduce((sum, each) => sum + ('folded' in each ? each.folded : 1), 0)
    return { name, rows: folded.slice(0, share), leftOut, isAlike: rows.every(({ same }) => same) }
  })
}

/** The traces in two columns, what differs marked. */
export function traceText(scenarios: ComparedScenario[], theme: Theme): string[] {
  const { bold, dim } = brushes(theme)
  const { ellipsis } = symbolsOf(theme)
  return shownScenarios(scenarios).flatMap(({ name, rows, leftOut, isAlike }) => [
    '',
    ...wrap(bold(`Scenario: ${name}`), theme.width),
    ...(isAlike ? [ALIKE] : []),
    ...beside([bold('Yours')], [bold('The solution')], theme),
    ...rows.flatMap((each) => {
      if ('folded' in each) return [dim(`${ellipsis} ${each.folded} identical rows`)]
      const { left, right, same } = each.row
      return beside(cell(left, 'left', same, theme), cell(right, 'right', same, theme), theme)
    }),
    ...(leftOut > 0 ? [dim(`${ellipsis} ${leftOut} more rows are left out`)] : []),
  ])
}

export const ALIKE = 'Apart from the times, both did the same here.'

/** '  230 - -> basic.ack (deliveryTag 1)'. */
function cell(row: TraceRow | undefined, whose: Whose, same: boolean, theme: Theme): string[] {
  if (!row) return []
  const brush = brushes(theme)
  const { left, right } = symbolsOf(theme).arrow
  const arrow = { student: `${symbolsOf(theme).horizontal}${right}`, broker: `${left}${symbolsOf(theme).horizontal}` }
  const sign = isFrame(row) && row.from !== 'lab' ? arrow[row.from] : '  '
  const mark = same ? ' ' : { left: '-', right: '+' }[whose]
  const paint = same ? brush.plain : brush[whose]
  const lines = wrap(spell(eventText(row), theme), Math.max(8, columnWidth(theme) - TIME - 6), { hard: true })
  return lines.map((line, index) => {
    const first = `${brush.dim(Math.round(row.ms).toString().padStart(TIME))} ${paint(`${mark} ${sign}`)}`
    return `${index === 0 ? first : ' '.repeat(TIME + 5)} ${paint(line)}`
  })
}

/** What happened, and who did it where no arrow says so. */
export function eventText(row: TraceRow): string {
  const text = said(row)
  if (isFrame(row)) return text
  if (row.from === 'lab') return `the lab ${text}`
  return row.from === 'broker' && row.method.startsWith('tcp.') ? `the broker ${text}` : text
}

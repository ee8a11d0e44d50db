import type { TraceRow } from '../report/report.ts'
import { isFrame } from '../report/rows.ts'
import { element, escaped } from '../text/html.ts'
import type { ComparedScenario } from './trace.ts'
import { ALIKE, eventText, shownScenarios } from './trace-text.ts'

/** The traces as tables: a time, a mark and what happened, for each. */
export function traceTables(scenarios: ComparedScenario[]): string {
  return shownScenarios(scenarios)
    .map(({ name, rows, leftOut, isAlike }) => {
      const body = rows.map((each) => {
        if ('folded' in each) return `<tr class="folded"><td colspan="6">… ${each.folded} identical rows</td></tr>`
        const { left, right, same } = each.row
        return `<tr>${cells(left, 'left', same)}${cells(right, 'right', same)}</tr>`
      })
      if (leftOut > 0) body.push(`<tr class="folded"><td colspan="6">… ${leftOut} more rows are left out</td></tr>`)
      const head = '<tr><th colspan="3">Yours</th><th colspan="3">The solution</th></tr>'
      const table = `<table class="compared"><thead>${head}</thead><tbody>\n${body.join('\n')}\n</tbody></table>`
      return `${element('h3', `Scenario: ${escaped(name)}`)}${isAlike ? element('p', ALIKE) : ''}\n${table}`
    })
    .join('\n')
}

function cells(row: TraceRow | undefined, whose: 'left' | 'right', same: boolean): string {
  if (!row) return '<td></td><td></td><td class="none"></td>'
  const kind = same ? 'same' : `${whose} whole`
  const mark = same ? '' : { left: '-', right: '+' }[whose]
  const arrow = isFrame(row) && row.from !== 'lab' ? `${{ student: '─▶', broker: '◀─' }[row.from]} ` : ''
  const time = `<td class="number">${Math.round(row.ms)} ms</td>`
  return `${time}<td class="mark ${kind}">${mark}</td><td class="event ${kind}">${arrow}${escaped(eventText(row))}</td>`
}

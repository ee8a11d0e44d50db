import { highlightedLines } from '../../compare/highlighted.ts'
import type { Place, TraceRow } from '../../report/report.ts'
import { isFrame, said } from '../../report/rows.ts'
import { element, escaped } from '../../text/html.ts'
import { scrolled } from './document.ts'

const AROUND = 3

/** The few events that show it, as a table. */
export function traceTable(trace: TraceRow[], label: string): string {
  const rows = trace.map((row) => {
    const who = row.worker === undefined ? row.from : `${row.from} ${row.worker}`
    const arrow = isFrame(row) ? { student: '→ ', broker: '← ', lab: '' }[row.from] : ''
    const note = row.note === undefined ? '' : ` <strong>${escaped(row.note)}</strong>`
    const wrong = row.wrong ? '<span class="hidden">The mistake: </span>✗ ' : ''
    const cells = `<td class="number">${Math.round(row.ms)} ms</td><td>${escaped(who)}</td>`
    return `<tr${row.wrong ? ' class="wrong"' : ''}>${cells}<td>${wrong}${arrow}${escaped(said(row))}${note}</td></tr>`
  })
  const head = '<thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th></tr></thead>'
  return scrolled(label, `<table class="trace">${head}<tbody>${rows.join('\n')}</tbody></table>`)
}

/** The line that it is about, with a few around it. */
export function excerpt(code: string, at: Place, label: string): string {
  return listing(code, at.line, label, { from: at.line - AROUND, to: at.line + AROUND })
}

/** Program text with line numbers, one line marked. */
export function listing(
  code: string,
  marked: number | undefined,
  label: string,
  { from = 1, to = Number.POSITIVE_INFINITY } = {},
): string {
  const lines = highlightedLines(code).map((tokens, index) => {
    const number = index + 1
    if (number < from || number > to) return ''
    const text = tokens
      .map(({ text, kind }) => (kind === '' ? escaped(text) : element('span', escaped(text), kind)))
      .join('')
    const mark = number === marked ? '<span class="hidden"> (this line)</span>' : ''
    return `<span class="line${number === marked ? ' marked' : ''}"><span class="n">${number}</span>${text}${mark}</span>`
  })
  return `<pre role="region" tabindex="0" aria-label="${escaped(label).replaceAll('\n', ' ')}"><code>${lines.join('')}</code></pre>`
}

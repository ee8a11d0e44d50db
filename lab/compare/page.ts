import { isSame } from './code.ts'
import type { Comparison } from './comparison.ts'
import { element, escaped } from './html.ts'
import { codeTable } from './page-code.ts'
import { notesHtml } from './page-notes.ts'
import { STYLE } from './page-style.ts'
import { traceTables } from './page-trace.ts'
import { brokerLine, verdictLine, whyNoTraces } from './verdict.ts'

/** The columns of both tables, for a layout that the content can't push about. */
const COLUMNS = `<colgroup>${'<col class="number"><col class="mark"><col>'.repeat(2)}</colgroup>`

/** Whatever got into the page, the browser fetches nothing and runs nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

/** A comparison as one page that needs nothing else. */
export function comparisonPage(comparison: Comparison): string {
  const { heading, yours, solution, code, notes, broker } = comparison
  const title = escaped(`${heading}: yours beside the solution`)
  const verdicts = pairs([
    ['Yours', verdictLine(yours.report)],
    ['The solution', verdictLine(solution.report)],
  ])
  const legend = '- only yours, + only the solution, ~ both, but not alike: what differs is underlined.'
  const body = [
    element('h1', title),
    verdicts,
    element('p', escaped(brokerLine(broker) ?? ''), 'quiet'),
    element('h2', 'The code'),
    pairs([
      ['Yours', yours.file],
      ['The solution', solution.file],
    ]),
    ...(code.every(isSame) ? [] : [element('p', legend, 'quiet')]),
    scrolled(codeTable(code, yours.source, solution.source)),
    element('h2', 'The traces'),
    traces(comparison),
    ...(notes === undefined ? [] : [element('h2', "The solution's notes"), notesHtml(notes)]),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${body.join('\n')}
</body>
</html>
`
}

function traces({ short, yours }: Comparison): string {
  if (!short) return element('p', escaped(whyNoTraces(yours.report)))
  const { title, message = '', step } = short.expectation
  return [
    element('p', `Yours first falls short here, in step ${step}: <strong>${escaped(title)}</strong>`),
    element('p', escaped(message), 'message'),
    scrolled(traceTables(short.scenarios)),
  ].join('\n')
}

function pairs(entries: [string, string][]): string {
  return element('dl', entries.map(([name, text]) => element('dt', name) + element('dd', escaped(text))).join(''))
}

function scrolled(tables: string): string {
  return element('div', tables.replaceAll('<thead>', `${COLUMNS}<thead>`), 'scroll')
}

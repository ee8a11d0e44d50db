import { element, escaped } from '../text/html.ts'
import { isSame } from './code.ts'
import type { Comparison } from './comparison.ts'
import { codeTable } from './page-code.ts'
import { notesHtml } from './page-notes.ts'
import { STYLE } from './page-style.ts'
import { traceTables } from './page-trace.ts'
import { comparisonViewer } from './page-viewer.ts'
import { brokerLine, verdictLine, whyNoTraces } from './verdict.ts'

/** The columns of both tables, for a layout that the content can't push about. */
const COLUMNS = `<colgroup>${'<col class="number"><col class="mark"><col>'.repeat(2)}</colgroup>`

/**
 * A comparison as one page that needs nothing else.
 *
 * @param nav HTML above it
 */
export function comparisonPage(comparison: Comparison, nav = ''): string {
  const { heading, yours, solution, code, notes, broker } = comparison
  const title = escaped(`${heading}: yours beside the solution`)
  const verdicts = pairs([
    ['Yours', verdictLine(yours.report)],
    ['The solution', verdictLine(solution.report)],
  ])
  const viewer = comparisonViewer(comparison, STYLE)
  const legend = '- only in yours, + only in the solution, ~ in both, but different: the difference is underlined.'
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
    ...(comparison.seen.length === 0 ? [] : [element('h2', 'Step by step'), viewer.element]),
    ...(notes === undefined ? [] : [element('h2', "The solution's notes"), notesHtml(notes)]),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${viewer.policy}">
<title>${title}</title>
<style>${STYLE}</style>
<style>${viewer.style}</style>
</head>
<body>
${nav}<main>
${body.join('\n')}
</main>
<script type="module">${viewer.script}</script>
</body>
</html>
`
}

function traces({ short, yours }: Comparison): string {
  if (!short) return element('p', escaped(whyNoTraces(yours.report)))
  const { title, message = '', step } = short.expectation
  return [
    element('p', `Yours first fails here, in step ${step}: <strong>${escaped(title)}</strong>`),
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

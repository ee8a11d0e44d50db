import { element, escaped } from '../../text/html.ts'
import type { GradedLesson } from '../graded.ts'
import type { Overview, Spread } from '../overview.ts'
import { attribute, scrolled } from './document.ts'
import { traceTable } from './evidence.ts'

/** Which share of the class has which misconception, in which lesson; below it who, and what shows one of them. */
export function heatMap({ misconceptions }: Overview, lessons: GradedLesson[]): string {
  if (misconceptions.length === 0) return element('p', 'No judged submission shows a misconception.')
  const shown = lessons.filter(({ name }) => misconceptions.some(({ lesson }) => lesson === name))
  // One that comes up in several lessons is one row.
  const rows = [...Map.groupBy(misconceptions, ({ id }) => id)].map(([id, spreads]) => {
    const cells = shown.map(({ name }) => cell(spreads.find(({ lesson }) => lesson === name)))
    const [first] = spreads
    return `<tr><th scope="row" class="says">${escaped(first?.says ?? id)} <span class="quiet">(${escaped(id)})</span></th>${cells.join('')}</tr>`
  })
  const heads = shown.map(
    ({ name, title }) => `<th scope="col"><abbr title="${attribute(title)}">${escaped(name.slice(0, 2))}</abbr></th>`,
  )
  const table = `<table class="heat"><caption class="hidden">Misconceptions by lesson: what share of the class has each one</caption><thead><tr><th scope="col">Misconception</th>${heads.join('')}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`
  return `${scrolled('The table of misconceptions', table)}\n<h3>Who, and one example of each</h3>\n${misconceptions.map(details).join('\n')}`
}

function cell(spread: Spread | undefined): string {
  if (spread === undefined) return '<td></td>'
  const share = spread.of === 0 ? 0 : spread.who.length / spread.of
  const text = `${Math.round(share * 100)} %`
  const label = `${text}, ${spread.who.length} of ${spread.of}: lesson ${spread.lesson.slice(0, 2)}, ${spread.id}`
  return `<td data-heat style="--share: ${share.toFixed(2)}"><a href="#${anchor(spread)}" aria-label="${attribute(label)}">${text}</a></td>`
}

function details(spread: Spread): string {
  const { lesson, id, says, who, of, example } = spread
  const links = who.map((each) => `<li>${studentLink(each)}</li>`).join('')
  const line = example.at
    ? element('pre', element('code', escaped(`${example.at.file}:${example.at.line}   ${example.at.text}`)))
    : ''
  return [
    `<details id="${anchor(spread)}"><summary><strong>${who.length} of ${of}</strong>, lesson ${escaped(lesson.slice(0, 2))}: ${escaped(says)}</summary>`,
    `<ul class="who" aria-label="Who">${links}</ul>`,
    element('p', `An example, from ${studentLink(example)}: <strong>${escaped(example.title)}</strong>`),
    ...(example.message === undefined ? [] : [element('p', escaped(example.message), 'message')]),
    line.replace(
      '<pre>',
      `<pre role="region" tabindex="0" aria-label="The line of the example: ${attribute(`${lesson} ${id}`)}">`,
    ),
    ...(example.trace && example.trace.length > 0
      ? [traceTable(example.trace, `Evidence for the example: ${lesson} ${id}`)]
      : []),
    '</details>',
  ].join('\n')
}

function studentLink({ id, file }: { id: string; file: string }): string {
  return `<a href="students/${encodeURIComponent(file)}.html">${escaped(id)}</a>`
}

function anchor({ lesson, id }: Spread): string {
  return attribute(`m-${lesson}-${id}`.replace(/[^\w-]/g, '_'))
}

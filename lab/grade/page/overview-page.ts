import { element, escaped } from '../../text/html.ts'
import type { ClassSetting } from '../graded.ts'
import type { Overview } from '../overview.ts'
import { classTable } from './class-table.ts'
import { documentOf, scrolled } from './document.ts'
import { heatMap } from './heat-map.ts'
import { SCRIPT } from './script.ts'

/** A bar of this length is all that there was to lose. */
const BAR_EM = 7

/** index.html: the whole class at a glance, as one page that needs nothing else. */
export function overviewPage(overview: Overview, setting: ClassSetting, further: string[] = []): string {
  const { rows, brokers } = overview
  const title = `Cluster Up: ${rows.length} ${rows.length === 1 ? 'submission' : 'submissions'}`
  const on = brokers.length > 0 ? ` Judged on ${brokers.join(', ')}.` : ''
  const sections: [string, string, string][] = [
    ['students', 'Students by lessons', classTable(rows, setting.lessons)],
    ['misconceptions', 'Misconceptions: what to explain next', heatMap(overview, setting.lessons)],
    ['points', 'Points lost at each step', lostTable(overview)],
    ['unsolved', 'What nobody solved', unsolvedList(overview)],
    ...(overview.checks.length > 0
      ? [['checks', 'Lessons that take the most checks', checksTable(overview)] as [string, string, string]]
      : []),
  ]
  const links = sections.map(([id, text]) => `<li><a href="#${id}">${escaped(text)}</a></li>`).join('')
  const body = [
    '<main>',
    element('h1', escaped(title)),
    element('p', escaped(`Written ${setting.at.slice(0, 16).replace('T', ' ')} UTC.${on}`), 'quiet'),
    ...(setting.notice === undefined ? [] : [element('p', escaped(setting.notice), 'notice')]),
    `<nav aria-label="Parts of this page"><ul>${links}</ul></nav>`,
    ...sections.map(
      ([id, text, html]) =>
        `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(text)}</h2>\n${html}\n</section>`,
    ),
    ...further,
    '</main>',
  ]
  return documentOf(title, body.join('\n'), { script: SCRIPT })
}

function lostTable({ lost }: Overview): string {
  const worth = lost.filter(({ failed }) => failed > 0)
  if (worth.length === 0) return element('p', 'Nobody lost a point.')
  const rows = worth.map(({ lesson, step, title, failed, of, mean, most }) => {
    const width = most === 0 ? 0 : (mean / most) * BAR_EM
    const bar = `<span class="bar" style="width: ${width.toFixed(2)}em"></span>`
    const cells = `<td>${step}</td><td>${escaped(title)}</td><td class="number">${failed} of ${of}</td>`
    return `<tr><th scope="row">${escaped(lesson.slice(0, 2))}</th>${cells}<td>${bar}${mean} of ${most}</td></tr>`
  })
  const heads = ['Lesson', 'Step', 'What it is about', 'Failed', 'Points lost, on average'].map(
    (text) => `<th scope="col">${text}</th>`,
  )
  return scrolled(
    'The table of steps',
    `<table><thead><tr>${heads.join('')}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`,
  )
}

function unsolvedList({ unsolved }: Overview): string {
  if (unsolved.length === 0) return element('p', 'Every expectation was met by somebody.')
  const items = unsolved.map(
    ({ lesson, step, title, of }) =>
      `<li>Lesson ${escaped(lesson.slice(0, 2))}, step ${step}: ${escaped(title)} <span class="quiet">(${of} tried)</span></li>`,
  )
  return `<ul>${items.join('')}</ul>`
}

function checksTable({ checks }: Overview): string {
  const rows = checks.map(
    ({ lesson, students, mean }) =>
      `<tr><th scope="row">${escaped(lesson)}</th><td class="number">${mean}</td><td class="number">${students}</td></tr>`,
  )
  const heads = ['Lesson', 'Checks, on average', 'Students'].map((text) => `<th scope="col">${text}</th>`)
  return `${scrolled('The table of checks', `<table><thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`)}
${element('p', "Counted from the students' own progress files, where they were handed in: failed checks since the last pass, and passes.", 'quiet')}`
}

import { element, escaped } from '../../text/html.ts'
import type { GradedLesson } from '../graded.ts'
import { OUTCOME_WORDS } from '../outcome-words.ts'
import type { OverviewRow } from '../overview.ts'
import type { LessonPoints } from '../points/points.ts'
import { attribute, scrolled } from './document.ts'

const SIGNS: Record<LessonPoints['outcome'], string> = {
  passed: '✓',
  failed: '✗',
  'not-judged': '–',
  error: '!',
  missing: '·',
  'not-yet': '…',
}

/** Students by lessons, with what filters and sorts them. */
export function classTable(rows: OverviewRow[], lessons: GradedLesson[]): string {
  const sections = [...new Set(rows.flatMap(({ section }) => section ?? []))].sort()
  const outcomes = (['passed', 'failed', 'missing', 'not-judged', 'error', 'not-yet'] as const).filter((outcome) =>
    rows.some(({ cells }) => cells.some((cell) => cell.outcome === outcome)),
  )
  const options = (values: [string, string][]) =>
    values.map(([value, text]) => `<option value="${attribute(value)}">${escaped(text)}</option>`).join('')
  const tools = [
    '<label>Find a student <input type="search" data-field="find"></label>',
    `<label>With a lesson that is <select data-field="outcome"><option value="">anything</option>${options(outcomes.map((outcome) => [outcome, OUTCOME_WORDS[outcome]]))}</select></label>`,
    ...(sections.length === 0
      ? []
      : [
          `<label>Section <select data-field="section"><option value="">all</option>${options(sections.map((section) => [section, section]))}</select></label>`,
        ]),
    `<p id="shown" role="status" class="quiet">${rows.length} of ${rows.length} shown</p>`,
  ]
  const hasNames = rows.some(({ name }) => name !== undefined)
  const heads = [
    head('Student', 'text'),
    ...(hasNames ? [head('Name', 'text')] : []),
    ...(sections.length > 0 ? [head('Section', 'text')] : []),
    head('Points', 'number'),
    ...lessons.map(({ name, title }) => head(`${name.slice(0, 2)} ${title}`, 'number')),
  ]
  const body = rows.map((row) => rowHtml(row, hasNames, sections.length > 0))
  const table = `<table class="class"><caption class="hidden">Students by lessons</caption><thead><tr>${heads.join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`
  return `<div class="tools">${tools.join('')}</div>\n${scrolled('The table of students', table)}\n${legend()}`
}

function head(text: string, kind: 'text' | 'number'): string {
  return `<th scope="col" data-kind="${kind}"><button type="button">${escaped(text)}</button></th>`
}

function rowHtml(row: OverviewRow, hasNames: boolean, hasSections: boolean): string {
  const { id, file, name = '', section = '', cells, points, most, open } = row
  const text = attribute(`${id} ${name} ${section}`.toLowerCase())
  const outcomes = [...new Set(cells.map(({ outcome }) => outcome))].join(' ')
  const named = (content: string) => `<td class="text" data-sort="${attribute(content)}">${escaped(content)}</td>`
  const all = [
    `<th scope="row" data-sort="${attribute(id)}"><a href="students/${encodeURIComponent(file)}.html">${escaped(id)}</a></th>`,
    ...(hasNames ? [named(name)] : []),
    ...(hasSections ? [named(section)] : []),
    `<td data-sort="${points}">${points} of ${most}${open.length > 0 ? ' +?' : ''}</td>`,
    ...cells.map(cellHtml),
  ]
  return `<tr data-text="${text}" data-outcomes="${outcomes}" data-section="${attribute(section)}">${all.join('')}</tr>`
}

function cellHtml({ outcome, points, isDropped, lateBy }: LessonPoints): string {
  const late = lateBy === undefined ? '' : ` <span class="hidden">, ${lateBy.days} days</span> late`
  const value = points === null ? '' : ` ${points}`
  const hidden = element('span', ` ${OUTCOME_WORDS[outcome]}${isDropped ? ', dropped' : ''}`, 'hidden')
  const sort = points ?? -1
  return `<td class="${outcome}${isDropped ? ' dropped' : ''}" data-sort="${sort}">${SIGNS[outcome]}${value}${hidden}${late}</td>`
}

function legend(): string {
  const words = Object.entries(SIGNS).map(
    ([outcome, sign]) => `${sign} ${OUTCOME_WORDS[outcome as keyof typeof SIGNS]}`,
  )
  return element(
    'p',
    `${words.join(', ')}; late: handed in after the due date; struck through: dropped as one of the worst; +? some points are still unknown.`,
    'quiet',
  )
}

import type { Film } from '../shared/film.ts'
import type { Things } from '../shared/things.ts'
import { type Line, sectionsOf, time } from '../shared/words.ts'
import { h } from './dom.ts'

/** What there is at a moment, as lists. */
export function stateOf(things: Things): HTMLElement[] {
  return sectionsOf(things).map(({ title, lines, none }) =>
    h('section', {}, h('h4', {}, title), lines.length === 0 ? h('p', { class: 'none' }, none) : listOf(lines)),
  )
}

function listOf(lines: Line[]): HTMLElement {
  return h(
    'ul',
    {},
    ...lines.map(({ text, state, more = [], doubt }) =>
      h(
        'li',
        { class: state },
        text,
        doubt === undefined ? undefined : h('span', { class: 'aside' }, doubt),
        more.length === 0 ? undefined : listOf(more),
      ),
    ),
  )
}

/** All that there is to read about a moment. */
export function detailsOf({ moments }: Film, at: number, who: string): HTMLElement[] {
  const moment = moments[at]
  if (moment === undefined) return [h('p', { class: 'none' }, 'Nothing has happened yet.')]
  const head = `${time(moment.ms)}${who === '' ? '' : `, ${who}`}`
  return [
    h('p', { class: 'quiet' }, `Moment ${at + 1} of ${moments.length}, ${head}`),
    h('p', { class: 'headline' }, moment.text),
    ...moment.notes.map((note) => h('p', { class: 'aside' }, note)),
    ...(moment.at === undefined
      ? []
      : [h('p', {}, `${moment.at.file}, line ${moment.at.line}: `, h('code', {}, moment.at.text))]),
    ...(moment.details.length === 0
      ? []
      : [h('dl', {}, ...moment.details.flatMap(({ name, text }) => [h('dt', {}, name), h('dd', {}, text)]))]),
  ]
}

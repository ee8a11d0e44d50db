import type { Moment } from '../shared/film.ts'
import { choicesOf, EVERYTHING, type Filter } from '../shared/steps.ts'
import { choice, h } from './dom.ts'

/** So many tasks can be chosen from a list; others are found by searching. */
const MOST_CHOICES = 200

/** What is looked at: by connection, channel, queue, task, by words; and whether what is folded is shown. */
export class Filters {
  readonly element: HTMLElement
  readonly #search: HTMLInputElement
  #filter: Filter = EVERYTHING

  /** @param changed is told what is looked at now */
  constructor(moments: Moment[], changed: (filter: Filter) => void, unfold: (all: boolean) => void) {
    const set = (part: Partial<Filter>) => {
      this.#filter = { ...this.#filter, ...part }
      changed(this.#filter)
    }
    const { connections, channels, queues, tasks } = choicesOf(moments)
    const chooser = (label: string, values: (string | number)[], chosen: (value: string) => void) => {
      const options = values.slice(0, MOST_CHOICES).map((value): [string, string] => [String(value), String(value)])
      return values.length === 0 ? undefined : choice(label, [['', 'all'], ...options], chosen).field
    }
    this.#search = h('input', { type: 'search', oninput: () => set({ search: this.#search.value }) })
    const all = h('input', { type: 'checkbox', onchange: () => unfold(all.checked) })
    this.element = h(
      'div',
      { class: 'filters', role: 'group', 'aria-label': 'What is shown' },
      chooser('Connection', connections, (value) => set({ connection: Number(value) })),
      chooser('Channel', channels, (value) => set({ channel: Number(value) })),
      chooser('Queue', queues, (queue) => set({ queue })),
      chooser('Task', tasks, (task) => set({ task })),
      h('label', {}, h('span', {}, 'Search'), this.#search),
      h('label', { class: 'check' }, all, h('span', {}, 'unfold handshakes and heartbeats')),
    )
  }

  focus(): void {
    this.#search.focus()
  }
}

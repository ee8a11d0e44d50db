import { Cursor } from '../shared/cursor.ts'
import type { Film, Mark } from '../shared/film.ts'
import { type Filter, type Step, stepAt, stepsOf } from '../shared/steps.ts'
import { Axis } from './axis.ts'
import { h } from './dom.ts'
import { middleOf, Rows } from './row.ts'
import { detailsOf, stateOf } from './state.ts'

/** One recording: its axis, its sequence, and what there is at the moment that it stands at. */
export class Reel {
  readonly element: HTMLElement
  readonly film: Film
  steps: Step[] = []
  readonly #rows: Rows
  readonly #axis: Axis
  readonly #cursor: Cursor
  readonly #list = h('div', { class: 'moments' })
  readonly #details = h('div', { class: 'details', tabindex: '0', role: 'group', 'aria-label': 'Details' })
  readonly #state = h('div', { class: 'state' })
  #parts: HTMLElement[] = []
  #items: HTMLLIElement[] = []
  #moment = 0
  #current: HTMLElement | undefined

  /**
   * @param name above it, where there are two
   * @param go is told the moment that was chosen here
   * @param unfold is told the first moment of a folded run that was chosen
   */
  constructor(
    film: Film,
    look: { name: string | undefined; marks: Map<number, Mark[]> },
    go: (moment: number) => void,
    unfold: (moment: number) => void,
  ) {
    this.film = film
    this.#rows = new Rows(film, look.marks)
    this.#axis = new Axis(film, look.marks, go)
    this.#cursor = new Cursor(film.moments.map(({ changes }) => changes))
    this.#list.addEventListener('click', (event) => {
      const at = this.#indexOf(event)
      const step = at === undefined ? undefined : this.steps[at]
      if (step === undefined) return
      if (step.folds.length > 0) unfold(step.first)
      go(step.folds.length > 0 ? step.first : step.last)
    })
    this.#list.addEventListener('pointerover', (event) => this.#look(this.#indexOf(event)))
    this.#list.addEventListener('pointerleave', () => this.#look(undefined))
    this.#list.addEventListener('focusin', (event) => this.#look(this.#indexOf(event)))
    this.#list.addEventListener('focusout', () => this.#look(undefined))
    const lanes = film.lanes.map(({ name }, i) => {
      const lane = h('span', {}, name)
      lane.style.setProperty('--x', `${middleOf(film.lanes, i)}%`)
      return lane
    })
    const label = look.name === undefined ? 'What happened' : `${look.name}: what happened`
    this.element = h(
      'section',
      { class: 'reel', 'aria-label': look.name ?? 'The recording' },
      h('h3', { class: look.name === undefined && 'unseen' }, look.name ?? 'The recording'),
      this.#axis.element,
      h(
        'div',
        { class: 'reel-body' },
        h(
          'div',
          { class: 'sequence', role: 'group', 'aria-label': label },
          h('div', { class: 'lanes', 'aria-hidden': 'true' }, ...lanes),
          this.#rows.heads(),
          this.#list,
        ),
        h('div', { class: 'now' }, h('section', {}, h('h4', {}, 'This moment'), this.#details), this.#state),
      ),
    )
  }

  /** Shows the steps that suit, and stays at its moment. */
  show(filter: Filter, open: ReadonlySet<number> | 'all'): void {
    this.steps = stepsOf(this.film.moments, filter, open)
    this.#items = []
    this.#current = undefined
    this.#parts = this.#emptyParts()
    this.#list.replaceChildren(...this.#parts)
    this.go(this.#moment)
    this.#fillOneByOne(this.#parts, 0)
  }

  /** The step that it stands at. */
  get at(): number {
    return stepAt(this.steps, this.#moment)
  }

  get moment(): number {
    return this.#moment
  }

  /** What is said of where it stands. */
  get said(): string {
    const moment = this.film.moments[this.#moment]
    if (moment === undefined) return 'no moment'
    const who = this.#rows.who(moment)
    return [`${moment.ms.toFixed(0)} ms`, who, moment.text, ...moment.notes].filter((part) => part !== '').join(', ')
  }

  go(moment: number): void {
    this.#moment = Math.max(0, Math.min(moment, this.film.moments.length - 1))
    this.#state.replaceChildren(...stateOf(this.#cursor.go(this.#moment)))
    this.#axis.go(this.film.moments[this.#moment]?.ms ?? 0)
    const { at } = this
    this.#fill(Math.floor(at / PART))
    this.#mark(this.#items[at]?.querySelector('button') ?? undefined)
    this.#look(undefined)
  }

  /** Puts the focus on the step that it stands at. */
  focus(): void {
    this.#current?.focus({ preventScroll: true })
  }

  get hasFocus(): boolean {
    return this.#list.contains(document.activeElement)
  }

  /** The rows in parts: of those out of sight a browser then has one to look after, not fifty. */
  #emptyParts(): HTMLElement[] {
    return Array.from({ length: Math.ceil(this.steps.length / PART) }, (_, i) => {
      const first = i * PART
      const count = Math.min(PART, this.steps.length - first)
      const label = `Steps ${first + 1} to ${first + count}`
      const part = h('div', { class: 'part empty' }, h('ol', { start: first + 1, 'aria-label': label }))
      part.style.setProperty('--rows', String(count))
      return part
    })
  }

  /** Has all rows there, for what reads the page as a whole. */
  fillAll(): void {
    for (const [i] of this.#parts.entries()) this.#fill(i)
  }

  #fill(index: number): void {
    const part = this.#parts[index]
    if (part === undefined || !part.classList.contains('empty')) return
    part.classList.remove('empty')
    part.prepend(this.#rows.lifelines())
    for (let i = index * PART; i < Math.min((index + 1) * PART, this.steps.length); i++) {
      const step = this.steps[i]
      if (step === undefined) continue
      const row = this.#rows.row(step, this.steps[i - 1])
      this.#items[i] = row
      part.lastElementChild?.append(row)
    }
  }

  /** The first parts at once; the others while nobody waits for anything. */
  #fillOneByOne(parts: HTMLElement[], next: number): void {
    if (parts !== this.#parts || next >= parts.length) return
    this.#fill(next)
    if (next < AT_ONCE) this.#fillOneByOne(parts, next + 1)
    else setTimeout(() => this.#fillOneByOne(parts, next + 1))
  }

  #mark(button: HTMLElement | undefined): void {
    this.#current?.removeAttribute('aria-current')
    this.#current?.setAttribute('tabindex', '-1')
    this.#current = button
    if (button === undefined) return
    button.setAttribute('aria-current', 'step')
    button.setAttribute('tabindex', '0')
    const frame = this.#list.closest<HTMLElement>('.sequence')
    if (frame === null || frame.scrollHeight <= frame.clientHeight) return
    // Scrolls the sequence only, never the page.
    const [row, view] = [button.getBoundingClientRect(), frame.getBoundingClientRect()]
    if (row.top < view.top + ROOM || row.bottom > view.bottom - ROOM)
      frame.scrollTop += row.top - view.top - view.height / 2
  }

  /** The details of a step that is pointed at, or of the one that it stands at. */
  #look(at: number | undefined): void {
    const step = at === undefined ? undefined : this.steps[at]
    const moment = step?.last ?? this.#moment
    const found = this.film.moments[moment]
    this.#details.replaceChildren(...detailsOf(this.film, moment, found ? this.#rows.who(found) : ''))
    this.#details.classList.toggle('looked-at', moment !== this.#moment)
  }

  #indexOf({ target }: Event): number | undefined {
    const item = target instanceof Element ? target.closest('li') : null
    const at = item === null ? -1 : this.#items.indexOf(item as HTMLLIElement)
    return at === -1 ? undefined : at
  }
}

const PART = 50
/** Parts that are there when the page is shown. */
const AT_ONCE = 4

/** Rows before and behind the current one stay in sight: half of their height, and the names of the lanes. */
const ROOM = 48

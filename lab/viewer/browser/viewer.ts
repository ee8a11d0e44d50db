import type { Mark, Scene, Show } from '../shared/film.ts'
import { EVERYTHING, type Filter, stepAt } from '../shared/steps.ts'
import { partnerOf } from '../shared/together.ts'
import { choice, h } from './dom.ts'
import { Filters } from './filters.ts'
import { onKeys } from './keys.ts'
import { marksList } from './marks.ts'
import { Reel } from './reel.ts'
import { Transport } from './transport.ts'

/** The viewer: expectations, scenarios, and one recording or two that move together. */
export class Viewer {
  readonly #show: Show
  readonly #stage = h('div', { class: 'stage' })
  readonly #status = h('p', { class: 'unseen', role: 'status' })
  readonly #transport: Transport
  #choose: HTMLSelectElement | undefined
  #scene: Scene | undefined
  #reels: Reel[] = []
  #filters: Filters | undefined
  #filter: Filter = EVERYTHING
  #open = new Set<number>()
  #isUnfolded = false
  /** Which of two recordings leads. */
  #lead: 0 | 1 = 0

  constructor(place: HTMLElement, show: Show) {
    this.#show = show
    this.#transport = new Transport((step) => this.#step(step))
    const { scenes, marks } = show
    const scenarios = choice(
      'Scenario',
      scenes.map(({ name }, i) => [String(i), name]),
      (value) => this.#play(Number(value)),
    )
    this.#choose = scenarios.select
    place.replaceChildren(
      ...(marks.length === 0 ? [] : [marksList(marks, scenes, (scene, moment) => this.#jump(scene, moment))]),
      h('h2', { class: 'unseen' }, 'Step through time'),
      scenarios.field,
      this.#transport.element,
      this.#stage,
      this.#status,
      h('p', { class: 'quiet hint' }, HINT),
    )
    onKeys(place, {
      next: () => this.#transport.by(1),
      previous: () => this.#transport.by(-1),
      first: () => this.#transport.to(0),
      last: () => this.#transport.to(Number.POSITIVE_INFINITY),
      play: () => this.#transport.toggle(),
      search: () => this.#filters?.focus(),
    })
    window.addEventListener('beforeprint', () => {
      for (const reel of this.#reels) reel.fillAll()
    })
    const failed = marks.find(({ verdict, decided }) => verdict === 'failed' && decided.length > 0)
    const where = failed?.decided.find(({ moment }) => moment !== undefined) ?? failed?.decided[0]
    if (where === undefined) this.#play(0)
    else this.#jump(where.scene, where.moment)
  }

  /** Shows a scenario from its beginning. */
  #play(index: number): void {
    const scene = this.#show.scenes[index]
    this.#transport.pause()
    this.#scene = scene
    this.#filter = EVERYTHING
    this.#open = new Set()
    this.#isUnfolded = false
    this.#lead = 0
    this.#reels = []
    if (scene === undefined) {
      this.#stage.replaceChildren(h('p', { class: 'none' }, 'There is nothing to show.'))
      return
    }
    if (this.#choose) this.#choose.value = String(index)
    const notPlayed = scene.films.flatMap((film) => film.notPlayed ?? [])
    this.#reels = scene.films.map((film, side) => {
      const name = scene.films.length > 1 ? this.#show.names?.[side] : undefined
      const marks = side === 0 ? this.#marksOf(index) : new Map<number, Mark[]>()
      return new Reel(
        film,
        { name, marks },
        (moment) => this.#chosen(side === 0 ? 0 : 1, moment),
        (moment) => this.#unfold(moment),
      )
    })
    this.#filters = new Filters(
      scene.films.flatMap(({ moments }) => moments),
      (filter) => {
        this.#filter = filter
        this.#draw()
      },
      (all) => {
        this.#isUnfolded = all
        this.#open = new Set()
        this.#draw()
      },
    )
    this.#stage.replaceChildren(
      ...notPlayed.map((why) => h('p', { class: 'aside' }, why)),
      this.#filters.element,
      h('div', { class: scene.films.length > 1 ? 'reels two' : 'reels' }, ...this.#reels.map(({ element }) => element)),
    )
    this.#draw()
  }

  #draw(): void {
    for (const reel of this.#reels) reel.show(this.#filter, this.#isUnfolded ? 'all' : this.#open)
    this.#tell()
  }

  #unfold(moment: number): void {
    this.#open.add(moment)
    this.#draw()
  }

  /** A scenario, and there a moment: where an expectation is decided. */
  #jump(scene: number, moment: number | undefined): void {
    if (this.#scene !== this.#show.scenes[scene]) this.#play(scene)
    if (moment === undefined) return
    const [reel] = this.#reels
    const step = reel?.steps[stepAt(reel.steps, moment)]
    if (step && step.folds.length > 0) this.#unfold(step.first)
    this.#chosen(0, moment)
  }

  #chosen(side: 0 | 1, moment: number): void {
    this.#transport.pause()
    this.#lead = side
    this.#go(moment)
    if (this.#reels[side]?.hasFocus) this.#reels[side]?.focus()
  }

  #step(step: number): void {
    const found = this.#reels[this.#lead]?.steps[step]
    if (found) this.#go(found.last)
  }

  #go(moment: number): void {
    const lead = this.#reels[this.#lead]
    if (lead === undefined) return
    const isFocused = this.#reels.some(({ hasFocus }) => hasFocus)
    lead.go(moment)
    const other = this.#reels[this.#lead === 0 ? 1 : 0]
    other?.go(partnerOf(this.#scene?.links ?? [], this.#lead, lead.moment, other.film.moments.length - 1))
    if (isFocused) lead.focus()
    this.#tell()
  }

  #tell(): void {
    const lead = this.#reels[this.#lead]
    if (lead === undefined) return
    this.#transport.show(lead.at, lead.steps.length, lead.said)
    if (!this.#transport.isPlaying) this.#status.textContent = lead.said
  }

  /** Where the expectations are decided in a scenario, by moment. */
  #marksOf(scene: number): Map<number, Mark[]> {
    const found = new Map<number, Mark[]>()
    for (const mark of this.#show.marks) {
      for (const { scene: own, moment } of mark.decided) {
        if (own === scene && moment !== undefined) found.set(moment, [...(found.get(moment) ?? []), mark])
      }
    }
    return found
  }
}

const HINT = 'Keys: n or → next step, p or ← previous, Home and End, space plays, / searches.'

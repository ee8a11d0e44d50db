import type { Film, Lane, Mark, Moment } from '../shared/film.ts'
import type { Step } from '../shared/steps.ts'
import { foldText, time } from '../shared/words.ts'
import { h, s, uniqueId } from './dom.ts'

/** The signs of verdicts; beside each stands a word. */
export const SIGNS: Record<Mark['verdict'], string> = {
  passed: '✔',
  failed: '✘',
  'not-judged': '○',
  'not-reached': '○',
  error: '!',
}

/** Draws the rows of one recording. */
export class Rows {
  readonly #film: Film
  readonly #heads = { arrow: uniqueId('arrow'), lost: uniqueId('lost') }
  readonly #marks: Map<number, Mark[]>
  readonly #lanes: Map<string, { x: number; name: string }>

  constructor(film: Film, marks: Map<number, Mark[]>) {
    this.#film = film
    this.#marks = marks
    this.#lanes = new Map(film.lanes.map(({ id, name }, i) => [id, { x: middleOf(film.lanes, i), name }]))
  }

  /** The heads of the arrows. */
  heads(): SVGElement {
    const head = (id: string, d: string) =>
      s(
        'marker',
        { id, viewBox: '0 0 10 10', refX: 9, refY: 5, markerWidth: 8, markerHeight: 8, orient: 'auto-start-reverse' },
        s('path', { d, class: 'head' }),
      )
    return s(
      'svg',
      { class: 'heads', 'aria-hidden': 'true' },
      s('defs', {}, head(this.#heads.arrow, 'M0 0L10 5L0 10z'), head(this.#heads.lost, 'M1 1L9 9M9 1L1 9')),
    )
  }

  /** The lifelines behind rows. */
  lifelines(): SVGElement {
    return s(
      'svg',
      { class: 'lifelines', 'aria-hidden': 'true' },
      ...this.#film.lanes.map((_, i) => {
        const x = `${middleOf(this.#film.lanes, i)}%`
        return s('line', { x1: x, x2: x, y1: 0, y2: '100%' })
      }),
    )
  }

  /** One step: a moment, or a run that is folded. @param before the step before it */
  row(step: Step, before: Step | undefined): HTMLLIElement {
    const { moments } = this.#film
    const moment = moments[step.first]
    const isFold = step.folds.length > 0
    const classes = isFold ? 'fold' : `by-${moment?.from}`
    const button = h('button', {
      type: 'button',
      tabindex: -1,
      'data-moment': step.last,
      'aria-expanded': isFold && 'false',
    })
    const pause = (moment?.ms ?? 0) - (before ? (moments[before.last]?.ms ?? 0) : 0)
    if (pause >= LONG_PAUSE_MS) button.append(h('span', { class: 'pause' }, `${time(pause)} later`))
    button.append(h('span', { class: 'time' }, time(moment?.ms ?? 0)))
    if (isFold) button.append(h('span', { class: 'what' }, foldText(step.folds, step.last - step.first + 1)))
    else if (moment) button.append(this.#what(moment))
    for (const mark of this.#marksIn(step)) {
      const says = mark.verdict === 'passed' ? 'true from here' : 'decided here, failed'
      button.append(h('span', { class: `flag ${mark.verdict}` }, `${SIGNS[mark.verdict]} ${says}: ${mark.title}`))
    }
    return h('li', { class: classes }, button)
  }

  /** Who sends to whom, for those who don't see the arrow. */
  who({ shape, from }: Moment): string {
    const nameOf = (lane: string) => this.#lanes.get(lane)?.name ?? lane
    if ('over' in shape) return from === 'lab' ? '' : shape.over.map(nameOf).join(', ')
    return `${nameOf(shape.from)} to ${nameOf(shape.to)}`
  }

  #marksIn(step: Step): Mark[] {
    const found: Mark[] = []
    for (let i = step.first; i <= step.last; i++) found.push(...(this.#marks.get(i) ?? []))
    return found
  }

  #what(moment: Moment): HTMLElement {
    const { shape } = moment
    const who = this.who(moment)
    const what = h(
      'span',
      { class: 'over' in shape ? 'what note' : 'what sent' },
      h('span', { class: 'unseen' }, who === '' ? '' : `${who}: `),
      h('span', { class: 'label' }, moment.text),
    )
    const [left, right] = this.#reach(moment)
    what.style.setProperty('--left', `${left}%`)
    what.style.setProperty('--right', `${100 - right}%`)
    if (!('over' in shape)) what.append(this.#arrow(shape))
    for (const note of moment.notes) what.append(h('span', { class: 'aside' }, note))
    return what
  }

  #arrow(shape: { from: string; to: string; dashed?: true; lost?: true }): SVGElement {
    const [from, to] = [this.#x(shape.from), this.#x(shape.to)]
    const y = 6
    const line = s('line', {
      x1: `${from}%`,
      x2: `${to}%`,
      y1: y,
      y2: y,
      class: shape.dashed && 'dashed',
      'marker-end': `url(#${shape.lost ? this.#heads.lost : this.#heads.arrow})`,
    })
    return s('svg', { class: 'arrow', 'aria-hidden': 'true' }, line)
  }

  /** From where to where the words of a moment may reach, in percent. */
  #reach({ shape }: Moment): [number, number] {
    if (!('over' in shape)) {
      const ends = [this.#x(shape.from), this.#x(shape.to)]
      return [Math.min(...ends), Math.max(...ends)]
    }
    const over = shape.over.map((lane) => this.#x(lane))
    const [first, last] = [Math.min(...over, 100), Math.max(...over, 0)]
    if (over.length === 0) return [0, 100]
    if (first < last) return [first, last]
    const half = Math.min(first, 100 - first)
    return [first - half, first + half]
  }

  #x(lane: string): number {
    return this.#lanes.get(lane)?.x ?? 50
  }
}

/** What is worth a word between two rows. */
const LONG_PAUSE_MS = 100

/** Where a lane is, in percent. */
export function middleOf(lanes: Lane[], i: number): number {
  return Math.round(((i + 0.35) / (lanes.length - 0.3)) * 1000) / 10
}

import type { Film, Mark } from '../shared/film.ts'
import { densityOf, nearest, type Range, rangeOf, type Span, shareOf, spansOf, ticksOf } from '../shared/spans.ts'
import { time } from '../shared/words.ts'
import { h, s } from './dom.ts'
import { SIGNS } from './row.ts'

const LANES: [kind: Span['kind'], name: string][] = [
  ['fault', 'broken by the lab'],
  ['connection', 'connections'],
  ['handler', 'handlers'],
]
const ROW = 12
const TOP = 16
const BINS = 200

/** The whole recording on one line of time: what lasts, how much happens, where expectations are decided, and where we are. */
export class Axis {
  readonly element: HTMLElement
  readonly #range: Range
  readonly #head: SVGElement

  /** @param go is told a moment when the axis is pointed at */
  constructor(film: Film, marks: Map<number, Mark[]>, go: (moment: number) => void) {
    const range = rangeOf(film)
    this.#range = range
    const height = TOP + ROW * (LANES.length + 1) + 18
    const spans = spansOf(film)
    this.#head = s('line', { class: 'playhead', y1: 0, y2: height - 16, x1: '0%', x2: '0%' })
    const svg = s(
      'svg',
      { class: 'axis', height, 'aria-hidden': 'true' },
      ...ticksOf(range, 5).flatMap((ms) => [
        s('line', { class: 'tick', x1: this.#x(ms), x2: this.#x(ms), y1: TOP, y2: height - 16 }),
        // The last words would not fit in.
        shareOf(range, ms) > 0.88 ? undefined : s('text', { x: this.#x(ms), y: height - 3 }, short(ms)),
      ]),
      ...LANES.flatMap(([kind], i) =>
        spans.filter((span) => span.kind === kind).map((span) => this.#bar(span, TOP + i * ROW)),
      ),
      ...densityOf(film.moments, range, BINS).map((share, bin) =>
        share === 0
          ? undefined
          : s('rect', {
              class: 'much',
              x: `${(bin / BINS) * 100}%`,
              width: `${100 / BINS}%`,
              y: TOP + LANES.length * ROW + (1 - share) * (ROW - 2),
              height: share * (ROW - 2),
            }),
      ),
      ...[...marks].flatMap(([moment, own]) =>
        own.map(({ verdict, title }) =>
          s(
            'text',
            { class: `mark ${verdict}`, x: this.#x(film.moments[moment]?.ms ?? 0), y: TOP - 4 },
            SIGNS[verdict],
            s('title', {}, title),
          ),
        ),
      ),
      this.#head,
    )
    svg.addEventListener('click', ({ clientX }) => {
      const { left, width } = svg.getBoundingClientRect()
      go(nearest(film.moments, range.fromMs + ((clientX - left) / width) * (range.toMs - range.fromMs)))
    })
    const names = LANES.filter(([kind]) => spans.some((span) => span.kind === kind)).map(([kind, name]) =>
      h('span', { class: `key ${kind}` }, name),
    )
    this.element = h('div', { class: 'axis-frame' }, svg, h('p', { class: 'keys', 'aria-hidden': 'true' }, ...names))
  }

  go(ms: number): void {
    const x = this.#x(ms)
    this.#head.setAttribute('x1', x)
    this.#head.setAttribute('x2', x)
  }

  #bar({ kind, name, fromMs, toMs = this.#range.toMs }: Span, y: number): SVGElement {
    const width = Math.max(0.2, (shareOf(this.#range, toMs) - shareOf(this.#range, fromMs)) * 100)
    return s(
      'rect',
      { class: kind, x: this.#x(fromMs), width: `${width}%`, y, height: ROW - 3, rx: 2 },
      s('title', {}, `${name}: ${time(fromMs)} to ${time(toMs)}`),
    )
  }

  #x(ms: number): string {
    return `${(shareOf(this.#range, ms) * 100).toFixed(3)}%`
  }
}

function short(ms: number): string {
  return ms < 1_000 ? `${+ms.toFixed(1)} ms` : `${+(ms / 1_000).toFixed(2)} s`
}

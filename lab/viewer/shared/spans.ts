import type { Film, Moment } from './film.ts'
import type { Thing } from './things.ts'

/** Something that lasts: a connection is open, a handler works, the lab breaks something. */
export interface Span {
  kind: 'fault' | 'connection' | 'handler'
  name: string
  fromMs: number
  /** Missing: until the end. */
  toMs?: number
}

/** What lasts in a recording, in the order in which it begins. */
export function spansOf({ moments }: Pick<Film, 'moments'>): Span[] {
  const spans: Span[] = []
  const open = new Map<string, Span>()
  for (const { ms, changes } of moments) {
    for (const [id, thing] of changes) {
      const name = thing === null ? undefined : lasting(thing)
      const span = open.get(id)
      if (name === undefined || thing === null) {
        if (span !== undefined) span.toMs = ms
        open.delete(id)
      } else if (span === undefined) {
        const begun: Span = { kind: thing.kind as Span['kind'], name, fromMs: ms }
        open.set(id, begun)
        spans.push(begun)
      }
    }
  }
  return spans
}

function lasting(thing: Thing): string | undefined {
  if (thing.kind === 'fault') return thing.name
  if (thing.kind === 'handler') return thing.task
  return thing.kind === 'connection' && thing.state === 'open' ? `connection ${thing.connection}` : undefined
}

/** What an axis reaches over, in milliseconds. */
export interface Range {
  fromMs: number
  toMs: number
}

/** From the first moment to the last. */
export function rangeOf({ moments }: Pick<Film, 'moments'>): Range {
  const fromMs = moments[0]?.ms ?? 0
  return { fromMs, toMs: Math.max(fromMs + 1, moments.at(-1)?.ms ?? 0) }
}

/** Where a time is on the axis: from 0 to 1. */
export function shareOf({ fromMs, toMs }: Range, ms: number): number {
  return (ms - fromMs) / (toMs - fromMs)
}

/** Round times on the axis: at most about `most` of them. */
export function ticksOf({ fromMs, toMs }: Range, most: number): number[] {
  const rough = (toMs - fromMs) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const each = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough
  const first = Math.ceil(fromMs / each)
  return Array.from({ length: Math.floor(toMs / each) - first + 1 }, (_, i) => (first + i) * each)
}

/** How much happens in each of `bins` parts of the axis, from 0 to 1. */
export function densityOf(moments: Moment[], range: Range, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0)
  for (const { ms } of moments) {
    const bin = Math.min(bins - 1, Math.floor(shareOf(range, ms) * bins))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  const most = Math.max(1, ...counts)
  return counts.map((count) => (count === 0 ? 0 : 0.25 + (0.75 * count) / most))
}

/** The moment that is nearest to a time. */
export function nearest(moments: Moment[], ms: number): number {
  let best = 0
  for (const [i, moment] of moments.entries()) {
    if (Math.abs(moment.ms - ms) < Math.abs((moments[best]?.ms ?? 0) - ms)) best = i
  }
  return best
}

import {
  awaited,
  marked,
  notReached,
  nth,
  type Recording,
  type Shortfall,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { NEARLY_YOUNG_MS, waitsOf, youngPair } from './deaths.ts'
import { BRIEF_DELAY_MS, DEATHS, LONGEST_WAIT_MS, SHORT_DELAY_MS, START_MS } from './scenarios.ts'

/** How long it waits before it replaces a worker that died young. */

const FACTOR = 1.3
/** Whoever dies sooner has died young. */
const YOUNG_MS = 10_000

/** A worker that died young was replaced too soon, or no more. */
export function replacesTooSoon(recording: Recording): Shortfall | undefined {
  const all = waitsOf(recording)
  // On a machine that is slow enough one of them has not died young: it has earned a short wait.
  const grown = all.findIndex(({ livedMs }) => livedMs > NEARLY_YOUNG_MS)
  const waits = grown === -1 ? all : all.slice(0, grown)
  const shows = (some: typeof waits) => some.flatMap(({ died, next }) => [died, next])
  for (const [at, wait] of waits.entries()) {
    const least = Math.min(SHORT_DELAY_MS * FACTOR ** at, LONGEST_WAIT_MS)
    if (wait.ms >= least * 0.9) continue
    const which = at === 0 ? 'first' : nth(at + 1)
    const asked =
      at === 0
        ? `retryDelayMs was ${SHORT_DELAY_MS}`
        : `retryDelayMs was ${SHORT_DELAY_MS}, and each wait has to be at least ${FACTOR} times as long as the one before, so this one had to be at least ${Math.round(least)} ms`
    return {
      seen: `The worker died early for the ${which} time, ${(wait.livedMs / 1000).toFixed(1)} s after it started. ${asked}, but you started the next one after ${Math.round(wait.ms)} ms.`,
      looksLike: at === 0 ? 'replaces-at-once' : 'same-wait',
      show: shows(waits.slice(0, at + 1)),
      wrong: { event: wait.next, instead: `no new worker for at least ${Math.round(least)} ms` },
    }
  }
  const last = waits.length >= DEATHS ? waits.at(-1) : undefined
  const shortest = Math.min(...waits.slice(0, -1).map(({ ms }) => ms))
  if (last && last.ms < FACTOR * shortest) {
    return {
      seen: `The worker died right after it started, ${times(waits.length, 'time')} in a row. The waits for its replacements were ${waits.map(({ ms }) => `${Math.round(ms)} ms`).join(', ')}.`,
      looksLike: 'same-wait',
      show: shows(waits),
      wrong: { event: last.next, instead: 'a wait longer than the one before' },
    }
  }
  const deaths = told(recording, 'child-exited')
  if (marked(recording, 'one lives') || deaths.length === 0 || !awaited(recording)) return undefined
  const seen = `The worker died right after it started. After ${times(deaths.length, 'death')}, you didn't start a new one for ${START_MS / 1000} s.`
  return { seen, looksLike: deaths.length === 1 ? 'never-replaced' : 'gives-up', show: [...deaths, awaited(recording)] }
}

/** A worker had lived for some seconds, and the wait after its death was as short as if it had lived long. */
export function forgivesTooSoon(recording: Recording): Shortfall | undefined {
  const [first, second] = youngPair(recording) ?? []
  // On a machine that is slow enough it has lived long: it has earned a short wait.
  if (!first || !second) return waitsOf(recording).length > 1 ? notReached('no worker died early enough') : undefined
  const least = BRIEF_DELAY_MS * FACTOR
  if (second.ms >= least * 0.9) return undefined
  const lived = (second.livedMs / 1000).toFixed(1)
  return {
    seen: `A worker died right after it started. The next one died ${lived} s after it started, which still counts as early (the limit is ${YOUNG_MS / 1000} s). So the next wait had to be at least ${least} ms, which is ${FACTOR} times retryDelayMs, but you started the next worker after ${Math.round(second.ms)} ms.`,
    looksLike: 'forgives-too-soon',
    show: [first.died, first.next, second.died, second.next],
    wrong: { event: second.next, instead: `no new worker for at least ${least} ms` },
  }
}

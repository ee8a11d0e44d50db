import { marked, type RecordedEvent, type Recording, type Shortfall, told, waits } from '../../lab/check/evidence.ts'
import { RESETS, RETRY_DELAY_MS } from './scenarios.ts'

/** How it waits for its broker. */

/** An attempt came before RETRY_DELAY_MS had passed, or long after that. */
export function waitedOtherwise(recording: Recording): Shortfall | undefined {
  const between = waits(recording)
  const hasty = between.find(({ ms }) => ms < 0.9 * RETRY_DELAY_MS)
  if (hasty) {
    return {
      seen: `RETRY_DELAY_MS was ${RETRY_DELAY_MS}, but your service made an attempt only ${hasty.ms.toFixed(1)} ms after the previous one failed.`,
      looksLike: 'no-wait',
      show: [hasty.failure.event, hasty.next.accepted],
      instead: `an attempt ${RETRY_DELAY_MS} ms or more after the failure`,
    }
  }
  return sleptOn(recording)
}

/** A wait was not over in time, or each was longer than the one before. */
function sleptOn(recording: Recording): Shortfall | undefined {
  const all = pauses(recording)
  const [first, last] = [all[0], all.at(-1)]
  const [, ...later] = all
  const grows =
    later.every(({ ms }, i) => ms >= 1.3 * (all[i]?.ms ?? 0)) || later.every(({ ms }) => ms >= 1.6 * (first?.ms ?? 0))
  if (!first || !last || !(marked(recording, 'waits on') || (grows && all.length >= RESETS - 1))) return undefined
  const setOut = `RETRY_DELAY_MS was ${RETRY_DELAY_MS}`
  const instead = `an attempt ${RETRY_DELAY_MS} ms after the failure`
  if (last.ms >= 1.3 * first.ms) {
    return {
      seen: `${setOut}, but the waits grew: ${all.map(({ ms }) => ms.toFixed(0)).join(', ')} ms.`,
      looksLike: 'waits-grow',
      show: all.slice(-3).flatMap(({ failure, next }) => [failure, next]),
      instead,
    }
  }
  return {
    seen: `${setOut}, but your service didn't make its next attempt until ${(last.ms / 1000).toFixed(1)} s after the previous one failed.`,
    looksLike: 'ignores-retry-delay',
    show: [last.failure, last.next],
    instead,
  }
}

/** From the end of each attempt to the next. */
function pauses(recording: Recording): { ms: number; failure: RecordedEvent; next: RecordedEvent }[] {
  const ends = told(recording, 'attempt-ended')
  // A program in another language tells of none.
  if (ends.length === 0) {
    return waits(recording).map(({ ms, failure, next }) => ({ ms, failure: failure.event, next: next.accepted }))
  }
  return told(recording, 'attempt')
    .slice(1)
    .flatMap((next, i) => {
      const failure = ends[i]
      // One that was given up for taking too long may end behind the next one's beginning.
      if (!failure || failure.ms > next.ms) return []
      // What is told late makes a wait look short; one that is short would have been told as hasty.
      return [{ ms: Math.max(next.ms - failure.ms, RETRY_DELAY_MS), failure, next }]
    })
}

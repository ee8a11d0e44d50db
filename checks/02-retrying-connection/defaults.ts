import {
  markOf,
  notReached,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  told,
} from '../../lab/check/evidence.ts'
import { DEFAULT } from './scenarios.ts'

/** How long it waits where the options don't say how long a wait may be. */

const LONGEST_MS = 30_000
const GIVEN = `The lab called connectWithRetry() with delayMs ${DEFAULT.delayMs} and without maxDelayMs, and made the clock of your process run fast.`

const waits = (recording: Recording) =>
  told(recording, 'next-attempt').filter(({ data }) => data.waitedMs !== undefined)

/** An attempt came too soon, by the clock of the process: noise makes no wait shorter. */
export function hastyByDefault(recording: Recording): Shortfall | undefined {
  const all = waits(recording)
  const short = all.find(({ data }) => (data.waitedMs ?? 0) < 0.9 * DEFAULT.delayMs)
  if (!short) return all.length > 0 ? undefined : neverAgain(recording)
  return {
    seen: `${GIVEN} An attempt came ${short.data.waitedMs} ms after the previous one had failed.`,
    looksLike: 'no-default',
    show: all.slice(0, 3),
    wrong: { event: short, instead: `not before ${DEFAULT.delayMs} ms have passed` },
  }
}

/**
 * A timer that was due long after the longest wait ran before the next attempt, in the same process. On a busy machine that
 * may happen to a right one: what its own timers were set to tells.
 */
export function oversleptByDefault(recording: Recording): Shortfall | undefined {
  const all = waits(recording)
  const mark = markOf(recording, 'no other attempt came')
  const long = all.find(({ data: { isTooLong, timersMs = 0 } }) => isTooLong && timersMs > LONGEST_MS)
  const late = (event: RecordedEvent, how: string): Shortfall => ({
    seen: `${GIVEN} ${how}`,
    looksLike: 'no-default',
    show: [...all.slice(-3), event],
    wrong: { event, instead: `an attempt at most ${LONGEST_MS} ms after the failure: that is the default` },
  })
  if (long)
    return late(long, `Your service waited for ${Math.round((long.data.waitedMs ?? 0) / 1000)} s before an attempt.`)
  if (mark && all.length > 0) return late(mark, 'After some attempts, it made no other one.')
  return all.length > 0 ? undefined : neverAgain(recording)
}

/** That nothing is tried again is told elsewhere. */
function neverAgain(recording: Recording): Shortfall | undefined {
  return reached(recording, 'tried some times') && notReached('no second attempt was seen')
}

import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import promises from 'node:timers/promises'
import { promisify } from 'node:util'

/*
 * The clocks of the student's process run fast while the lab waits: whoever gives handlers half a minute is found out in
 * seconds. What they show is right all the same, so a timer ends when its time has passed on them.
 *
 *   real   0 ── 1.5 s ────────────── 5 s
 *   own    0 ── 1.5 s ─────────────────────────────── 70 s
 */

/** Heartbeats are agreed with the broker, whose clock is the real one. */
const CLIENT = /[\\/]node_modules[\\/]amqplib[\\/]/

interface Pace {
  /** Until then they run as they should: what happens at once, or after a short pause, is told apart by that. */
  atFirstMs: number
  /** So many times as fast do they run after that. */
  times: number
}

const USUAL: Pace = { atFirstMs: 1500, times: 20 }
/** Half a minute goes by in 150 ms. */
export const AT_ONCE: Pace = { atFirstMs: 0, times: 200 }

/** So much time has passed on the fast clocks. */
export function onFastClocks(ms: number, { atFirstMs, times }: Pace = USUAL): number {
  return ms + Math.max(0, ms - atFirstMs) * (times - 1)
}

/** Replaces the clocks of this process, before the exercise is loaded. They run fast between the two calls. */
export function replaceClocks(pace: Pace = USUAL): { hurry(): void; calm(): void } {
  const now = performance.now.bind(performance)
  const date = Date.now.bind(Date)
  const { setTimeout: wait, setInterval: repeat } = timers
  const { setTimeout: sleep } = promises
  const timeout = AbortSignal.timeout.bind(AbortSignal)
  let since: number | undefined
  let ahead = 0

  const aheadNow = () => ahead + (since === undefined ? 0 : onFastClocks(now() - since, pace) - (now() - since))
  const real = (ms = 1) => {
    if (since === undefined) return ms
    const slow = Math.max(0, pace.atFirstMs - (now() - since))
    return ms <= slow ? ms : slow + (ms - slow) / pace.times
  }
  performance.now = () => now() + aheadNow()
  Date.now = () => Math.round(date() + aheadNow())
  AbortSignal.timeout = (ms) => timeout(Math.round(real(ms)))
  Object.assign(promises, { setTimeout: (ms?: number, ...rest: never[]) => sleep(real(ms), ...rest) })
  const fast = {
    setTimeout: (then: () => void, ms?: number, ...given: []) => wait(then, real(ms), ...given),
    setInterval: (then: () => void, ms?: number, ...given: []) =>
      repeat(then, CLIENT.test(String(new Error().stack)) ? ms : real(ms), ...given),
  }
  Object.defineProperty(fast.setTimeout, promisify.custom, { get: () => promises.setTimeout })
  Object.assign(timers, fast)
  Object.assign(globalThis, fast)
  syncBuiltinESMExports()

  return {
    hurry() {
      since ??= now()
    },
    calm() {
      ahead = aheadNow()
      since = undefined
    },
  }
}

import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import promises from 'node:timers/promises'
import { promisify } from 'node:util'

/*
 * The clocks of the exercise's process run fast while the lab waits: whoever gives handlers half a minute is found out in
 * seconds. What they show is right all the same, so a timer ends when its time has passed on them.
 *
 *   real   0 ── 1.5 s ────────────── 5 s
 *   own    0 ── 1.5 s ─────────────────────────────── 70 s
 */

/** Until then they run as they should: what happens at once, or after a short pause, is told apart by that. */
const AT_FIRST_MS = 1500
const TIMES = 20

/** So much time has passed on the fast clocks. */
export function onFastClocks(ms: number): number {
  return ms + Math.max(0, ms - AT_FIRST_MS) * (TIMES - 1)
}

/** Replaces the clocks of this process; the exercise is loaded after that. They run fast between the two calls. */
export function replaceClocks(): { hurry(): void; calm(): void } {
  const now = performance.now.bind(performance)
  const date = Date.now.bind(Date)
  const { setTimeout: wait, setInterval: repeat } = timers
  const { setTimeout: sleep } = promises
  const timeout = AbortSignal.timeout.bind(AbortSignal)
  let since: number | undefined
  let ahead = 0

  const aheadNow = () => ahead + (since === undefined ? 0 : onFastClocks(now() - since) - (now() - since))
  const real = (ms = 1) => {
    if (since === undefined) return ms
    const slow = Math.max(0, AT_FIRST_MS - (now() - since))
    return ms <= slow ? ms : slow + (ms - slow) / TIMES
  }
  performance.now = () => now() + aheadNow()
  Date.now = () => Math.round(date() + aheadNow())
  AbortSignal.timeout = (ms) => timeout(Math.round(real(ms)))
  Object.assign(promises, { setTimeout: (ms?: number, ...rest: never[]) => sleep(real(ms), ...rest) })
  const fast = {
    setTimeout: (then: () => void, ms?: number, ...given: []) => wait(then, real(ms), ...given),
    setInterval: (then: () => void, ms?: number, ...given: []) => repeat(then, real(ms), ...given),
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

import { setTimeout as wait } from 'node:timers/promises'

/**
 * Waits for a condition; when it does not come, says what was awaited, how long, and what was there instead. The limit is
 * generous: on a machine with a busy disk, processes that were killed take their time to end.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean = Boolean,
  limitMs = 60_000,
): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const seen = await look()
    if (holds(seen)) return seen
    if (performance.now() > end) {
      throw new Error(`waited ${limitMs} ms for ${what}; last seen: ${JSON.stringify(seen)}`)
    }
    await wait(20)
  }
}

import { createHook } from 'node:async_hooks'

/** Counts the timers that the process has from now on, those that don't keep it alive (unref) included. */
export function countTimers(): () => Promise<number> {
  const timers = new Set<number>()
  createHook({
    init(id, type) {
      if (type === 'Timeout') timers.add(id)
    },
    destroy(id) {
      timers.delete(id)
    },
  }).enable()
  return async () => {
    // That one has ended is told in the event loop's next turn.
    await new Promise(setImmediate)
    return timers.size
  }
}

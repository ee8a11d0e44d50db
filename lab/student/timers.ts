import { createHook } from 'node:async_hooks'

/**
 * Counts the timers that the process has from now on, those that don't keep it alive (unref) included.
 *
 * @param onTimer called with the milliseconds that each of them is set to
 */
export function countTimers(onTimer?: (ms: number) => void): () => Promise<number> {
  const timers = new Set<number>()
  createHook({
    init(id, type, _trigger, timer) {
      if (type !== 'Timeout') return
      timers.add(id)
      onTimer?.(Number((timer as { _idleTimeout?: unknown })._idleTimeout))
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

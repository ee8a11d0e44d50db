import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'

/** Exit codes as shells know them: 128 and the signal's number. */
const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * Ctrl-C and its kin, which may come at any moment: while the menu waits for a key, in the middle of a check, while
 * the student's program runs. They never end the process on the spot, so the terminal is always put back in order.
 */
export interface Interrupts extends Disposable {
  /** Aborted when the menu is to be left. */
  readonly leaving: AbortSignal
  /** The exit code for it: 0 until then, and where the input just ended. */
  readonly code: number
  leave(code: number): void
  /** Ctrl-C ends `work` and nothing else. */
  stopping<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /**
   * Ctrl-C ends `work`, which may take its time to clean up, and then the menu.
   * A second Ctrl-C leaves without waiting for it.
   */
  leavingAfter<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Waits for what is being cleaned up, but not past a second Ctrl-C. */
  unlessImpatient(cleaning: Promise<unknown> | undefined): Promise<void>
}

export class Left extends Error {}

export function listenForInterrupts(
  signals: Pick<EventEmitter, 'on' | 'off'>,
  stdin: NodeJS.ReadableStream,
): Interrupts {
  const leaving = new AbortController()
  const impatient = new AbortController()
  let code = 0
  let stop: AbortController | undefined

  const leave = (exitCode: number) => {
    if (leaving.signal.aborted) impatient.abort()
    else code = exitCode
    leaving.abort(new Left())
  }
  const onInterrupt = () => {
    if (stop) stop.abort()
    else leave(CODES.SIGINT)
  }
  const onTerminate = () => leave(CODES.SIGTERM)
  const onHangUp = () => leave(CODES.SIGHUP)
  const onEnd = () => leave(0)
  signals.on('SIGINT', onInterrupt)
  signals.on('SIGTERM', onTerminate)
  signals.on('SIGHUP', onHangUp)
  stdin.on('end', onEnd)
  // A terminal that is gone ends with an error on some systems.
  stdin.on('error', onEnd)
  if ((stdin as Readable).readableEnded) onEnd()

  return {
    leaving: leaving.signal,
    get code() {
      return code
    },
    leave,
    async stopping(work) {
      stop = new AbortController()
      try {
        return await work(AbortSignal.any([stop.signal, leaving.signal]))
      } finally {
        stop = undefined
      }
    },
    async leavingAfter(work) {
      const working = work(leaving.signal)
      const tired = Promise.withResolvers<never>()
      const giveUp = () => tired.reject(new Left())
      impatient.signal.addEventListener('abort', giveUp, { once: true })
      try {
        return await Promise.race([working, tired.promise])
      } finally {
        impatient.signal.removeEventListener('abort', giveUp)
        // Whoever loses the race may still fail: nobody is interested any more.
        working.catch(() => {})
      }
    },
    async unlessImpatient(cleaning) {
      if (impatient.signal.aborted) return
      const tired = Promise.withResolvers<void>()
      const giveUp = () => tired.resolve()
      impatient.signal.addEventListener('abort', giveUp, { once: true })
      await Promise.race([cleaning, tired.promise])
      impatient.signal.removeEventListener('abort', giveUp)
    },
    [Symbol.dispose]() {
      signals.off('SIGINT', onInterrupt)
      signals.off('SIGTERM', onTerminate)
      signals.off('SIGHUP', onHangUp)
      stdin.off('end', onEnd)
      stdin.off('error', onEnd)
    },
  }
}

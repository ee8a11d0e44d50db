import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'

/** Exit codes as shells know them: 128 and the signal's number. */
const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * Ctrl-C and the like, which may come at any moment: while the menu waits for a key, in the middle of a check, while
 * the student's program runs. They never end the process on the spot, so the terminal is always restored.
 */
export interface Interrupts extends Disposable {
  /** Aborted when the menu is to be left. */
  readonly leaving: AbortSignal
  /** Aborted when that takes somebody too long: a second Ctrl-C. */
  readonly impatient: AbortSignal
  /** The exit code: 0 until then, and where the input just ended. */
  readonly code: number
  interrupt(): void
  end(): void
  /** Ctrl-C ends `work` and nothing else. */
  stopping<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

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
    leaving.abort()
  }
  const interrupt = () => {
    if (stop) stop.abort()
    else leave(CODES.SIGINT)
  }
  const end = () => leave(0)
  const listened: [Pick<EventEmitter, 'on' | 'off'>, string, () => void][] = [
    [signals, 'SIGINT', interrupt],
    [signals, 'SIGTERM', () => leave(CODES.SIGTERM)],
    [signals, 'SIGHUP', () => leave(CODES.SIGHUP)],
    [stdin, 'end', end],
    // A terminal that is gone ends with an error on some systems.
    [stdin, 'error', end],
  ]
  for (const [emitter, event, listener] of listened) emitter.on(event, listener)
  if ((stdin as Readable).readableEnded) end()

  return {
    leaving: leaving.signal,
    impatient: impatient.signal,
    get code() {
      return code
    },
    interrupt,
    end,
    async stopping(work) {
      stop = new AbortController()
      try {
        return await work(AbortSignal.any([stop.signal, leaving.signal]))
      } finally {
        stop = undefined
      }
    },
    [Symbol.dispose]() {
      for (const [emitter, event, listener] of listened) emitter.off(event, listener)
    },
  }
}

import { PassThrough } from 'node:stream'
import type { Io } from './io.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's
const KEY = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.|[^[O])?|./gsu
/** Where the shell can't stop us (no job control), drawing goes on after this long. */
const STOPPED_BY_NOW_MS = 50

export interface InputEvents {
  /** Ctrl-C. */
  interrupt(): void
  /** Ctrl-D. */
  end(): void
  /** Esc. */
  escape(): void
  /** Ctrl-L. */
  redraw(): void
  /** Ctrl-Z: gives the terminal back, until `open`. */
  close(): void
  /** The job goes on. */
  open(): void
}

/**
 * Single keys of a terminal for one prompt of Inquirer's after another. Keys that no prompt may have are events; the
 * others wait in `keys`, one by one, until a prompt reads them.
 */
export class TerminalInput implements Disposable {
  readonly keys = new PassThrough()
  readonly #stdin: Io['stdin']
  readonly #events: InputEvents
  #isTaken = false
  #isPaused = false
  #notStopped: NodeJS.Timeout | undefined

  constructor(stdin: Io['stdin'], events: InputEvents) {
    this.#stdin = stdin
    this.#events = events
    process.on('SIGCONT', this.#onContinue)
  }

  /** @throws if the terminal can't be switched to single keys */
  take(): void {
    if (this.#isTaken) return
    clearTimeout(this.#notStopped)
    this.#stdin.setRawMode?.(true)
    this.#isTaken = true
    this.#stdin.on('data', this.#onData)
    this.#stdin.resume()
  }

  giveBack(): void {
    if (!this.#isTaken) return
    this.#isTaken = false
    this.#stdin.off('data', this.#onData)
    this.#stdin.pause()
    try {
      this.#stdin.setRawMode?.(false)
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
  }

  /** While somebody else has the terminal, a job that goes on is their business. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused
  }

  readonly #onData = (chunk: Buffer | string): void => {
    for (const [key] of String(chunk).matchAll(KEY)) {
      if (key === '\u0003') this.#events.interrupt()
      else if (key === '\u0004') this.#events.end()
      else if (key === '\u001a') this.#suspend()
      else if (key === '\u000c') this.#events.redraw()
      else if (key === '\u001b') this.#events.escape()
      else this.keys.write(key)
    }
  }

  readonly #onContinue = (): void => {
    if (this.#isPaused) return
    // The shell may have changed the terminal while this job was stopped.
    this.#events.close()
    this.#events.open()
  }

  #suspend(): void {
    if (process.platform === 'win32') return
    this.#events.close()
    // npm and what it started stop as well: the shell waits for all of them.
    process.kill(0, 'SIGTSTP')
    this.#notStopped = setTimeout(() => {
      if (!this.#isPaused) this.#events.open()
    }, STOPPED_BY_NOW_MS)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#notStopped)
    process.off('SIGCONT', this.#onContinue)
    this.giveBack()
  }
}

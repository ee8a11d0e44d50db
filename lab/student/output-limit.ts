import type { Readable } from 'node:stream'
import type { Limits } from './limits.ts'
import { Lines } from './output.ts'

export type StreamName = 'stdout' | 'stderr'

/** Node's own hint below a crash: `(Use `node --trace-uncaught ...` to show ...)`. */
const HINT_OF_NODE = /^\(Use `node --trace-/
const LAST_LINES = 40

export interface OutputListener {
  line(from: StreamName, text: string): void
  /** More was printed than the limit allows; told again with each further chunk. */
  flood(): void
}

/** Reads what a process prints, as far as its limits go. */
export class OutputLimit {
  /** The last lines, those beyond the limit included: they tell how the process ended. */
  last: string[] = []
  readonly #limits: Limits
  readonly #listener: OutputListener
  #bytes = 0
  #lines = 0

  constructor(limits: Limits, listener: OutputListener) {
    this.#limits = limits
    this.#listener = listener
  }

  read(name: StreamName, stream: Readable | null): void {
    const lines = new Lines()
    stream?.on('data', (chunk: Buffer) => this.#printed(name, chunk.length, lines.push(chunk)))
    stream?.on('end', () => this.#printed(name, 0, lines.end()))
  }

  #printed(name: StreamName, bytes: number, lines: string[]): void {
    this.#bytes += bytes
    for (const text of lines) {
      if (HINT_OF_NODE.test(text)) continue
      this.last = [...this.last, text].slice(-LAST_LINES)
      if (++this.#lines <= this.#limits.outputLines) this.#listener.line(name, text)
    }
    if (this.#bytes > this.#limits.outputBytes) this.#listener.flood()
  }
}

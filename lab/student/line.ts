import { randomBytes } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import type { ToStudent } from './protocol.ts'

/** Far beyond what any lesson's driver has to say. */
const LONGEST_BYTES = 1024 * 1024
const MOST_BYTES = 128 * 1024 * 1024
const MOST_MESSAGES = 500_000
/** Lines without the key: something in the exercise writes to the line. */
const MOST_FORGED = 100

export interface LineListener {
  /** It says more than it may. */
  flood(): void
  memory(): void
}

/**
 * The lab's end of its line to a student's process: two pipes, a message a line. Node's own IPC reads whatever comes, of
 * whatever size; here what is too long or too much ends the line, and what was not written by the lab's own part of the
 * process is dropped: only that knows the key, which is the first thing on the line.
 *
 *   lab ── key, then a JSON text a line ──▶ own-line.ts
 *       ◀── key and JSON text, a line each ──
 */
export class StudentLine {
  /** Resolves when it has said something. */
  readonly first: Promise<void>
  readonly #to: Writable
  readonly #key = randomBytes(12).toString('hex')
  #listener: ((message: unknown) => void) | undefined
  readonly #early: unknown[] = []
  #listens: LineListener = { flood() {}, memory() {} }
  #isFlooded = false
  #spoke: () => void
  #pending: Buffer[] = []
  #pendingBytes = 0
  #bytes = 0
  #messages = 0
  #forged = 0

  constructor(to: Writable, from: Readable) {
    this.#to = to
    const { promise, resolve } = Promise.withResolvers<void>()
    this.first = promise
    this.#spoke = resolve
    to.on('error', () => {})
    from.on('error', () => {})
    from.on('data', (chunk: Buffer) => this.#receive(chunk, from))
    to.write(`${this.#key}\n`)
  }

  get isOpen(): boolean {
    return this.#to.writable
  }

  send(message: ToStudent): void {
    if (this.isOpen) this.#to.write(`${JSON.stringify(message)}\n`)
  }

  /** Hands over all that it says, and has said. */
  hear(listener: (message: unknown) => void, about: LineListener): void {
    this.#listener = listener
    this.#listens = about
    for (const message of this.#early.splice(0)) listener(message)
    if (this.#isFlooded) about.flood()
  }

  /** The sandbox has ended the process, because all in it together used too much memory. */
  ranOutOfMemory(): void {
    this.#listens.memory()
  }

  #receive(chunk: Buffer, from: Readable): void {
    this.#bytes += chunk.length
    let begin = 0
    for (let end = chunk.indexOf(10); end >= 0 && !this.#isFlooded; end = chunk.indexOf(10, begin)) {
      this.#pending.push(chunk.subarray(begin, end))
      const line = Buffer.concat(this.#pending)
      this.#pending = []
      this.#pendingBytes = 0
      begin = end + 1
      this.#messages++
      this.#line(line)
    }
    const rest = chunk.subarray(begin)
    if (rest.length > 0) this.#pending.push(rest)
    this.#pendingBytes += rest.length
    const isMuch =
      this.#messages > MOST_MESSAGES ||
      this.#forged > MOST_FORGED ||
      this.#bytes > MOST_BYTES ||
      this.#pendingBytes > LONGEST_BYTES
    if (!isMuch || this.#isFlooded) return
    this.#isFlooded = true
    this.#pending = []
    from.destroy()
    this.#listens.flood()
  }

  #line(line: Buffer): void {
    const text = line.toString('utf8')
    if (!text.startsWith(`${this.#key} `)) {
      this.#forged++
      return
    }
    let message: unknown
    try {
      message = JSON.parse(text.slice(this.#key.length + 1))
    } catch {
      return
    }
    this.#spoke()
    if (this.#listener) this.#listener(message)
    else this.#early.push(message)
  }
}

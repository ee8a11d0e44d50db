import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'

const ESCAPE = '\u001b'
/** One control sequence, or one character. */
const PIECE = new RegExp(`${ESCAPE}\\[(\\??(\\d*)[\\d;]*)([A-Za-z])|[^${ESCAPE}]`, 'gu')

/**
 * A terminal to press keys at and to read: a screen that understands the few codes that a run uses. It has no last line,
 * scrolls nothing away and wraps nothing, so that a test sees which lines are too long. The menu's tests have a real one.
 */
export class Terminal {
  readonly stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => this.stdin })
  readonly stdout = Object.assign(
    new Writable({
      write: (chunk, _encoding, done) => {
        this.#take(String(chunk))
        this.#changed.emit('change')
        done()
      },
    }),
    { isTTY: true, columns: 80 },
  )
  #lines: string[] = ['']
  #row = 0
  #column = 0
  readonly #changed = new EventEmitter()
  readonly #limitMs: number

  /** @param limitMs how long a text may take to come */
  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  press(keys: string): void {
    this.stdin.write(keys)
  }

  get screen(): string {
    return this.#lines.map((line) => line.trimEnd()).join('\n')
  }

  /** Waits until the screen shows a text; what is then on it is returned. */
  async shows(text: string): Promise<string> {
    const end = AbortSignal.timeout(this.#limitMs)
    while (!this.screen.includes(text)) await this.changes(text, end)
    return this.screen
  }

  /** Waits for the next change of the screen, on which `text` is awaited. */
  async changes(text: string, end = AbortSignal.timeout(this.#limitMs)): Promise<void> {
    if (end.aborted) throw new Error(`'${text}' did not come within ${this.#limitMs} ms. The screen:\n${this.screen}`)
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    this.#changed.once('change', wake)
    end.addEventListener('abort', wake, { once: true })
    await promise
    this.#changed.off('change', wake)
  }

  #take(text: string): void {
    for (const [piece, code, count, letter] of text.matchAll(PIECE)) {
      if (letter === undefined) this.#print(piece)
      else this.#obey(letter, Number(count || 1), code ?? '')
    }
  }

  #print(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') {
      this.#column = 0
      this.#move(1)
    } else {
      const line = (this.#lines[this.#row] ?? '').padEnd(this.#column)
      this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1)
      this.#column++
    }
  }

  #obey(letter: string, count: number, code: string): void {
    if (letter === 'A') this.#move(-count)
    else if (letter === 'B') this.#move(count)
    else if (letter === 'G') this.#column = count - 1
    else if (letter === 'K')
      this.#lines[this.#row] = code === '2' ? '' : (this.#lines[this.#row] ?? '').slice(0, this.#column)
    else if (letter === 'J') this.#lines.length = this.#row + 1
  }

  #move(rows: number): void {
    this.#row = Math.max(0, this.#row + rows)
    while (this.#lines.length <= this.#row) this.#lines.push('')
  }
}

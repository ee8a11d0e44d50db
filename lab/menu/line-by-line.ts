import { createInterface, type Interface } from 'node:readline'
import type { Terminal } from '../io.ts'
import { type Key, Keys, type Surface, type View } from './surface.ts'

/** With no size known. */
const ROWS = 24

/**
 * A terminal that can do nothing but print lines and read them: `TERM=dumb`, an editor's shell. A letter and Enter is
 * a key; what has been shown stays, and is shown again only when it is another.
 */
export class LineByLine implements Surface {
  readonly #io: Terminal
  readonly #keys = new Keys()
  #reader: Interface | undefined
  #render: (() => View) | undefined
  #printed: string[] = []
  #news = ''
  /** Lines of a paged text that are not printed yet. */
  #rest: string[] = []

  constructor(io: Terminal) {
    this.#io = io
    this.#listen()
  }

  show(render: () => View): void {
    this.#render = render
    this.redraw()
  }

  redraw(): void {
    const view = this.#render?.()
    if (view === undefined || this.#reader === undefined) return
    const body = view.body.map((line) => line.trimEnd())
    const isNew = body.join('\n') !== this.#printed.join('\n')
    // The last lines are told when something has happened, not each time that a second has passed.
    const news = view.news ?? ''
    if (!isNew && news === this.#news) return
    this.#news = news
    if (isNew) {
      this.#printed = body
      this.#rest = body
      this.#print(view)
    }
    if (this.#rest.length === 0) this.#say(view.foot)
  }

  #print(view: View): void {
    const rows = (this.#io.stdout.rows || ROWS) - 2
    const page = view.paged ? this.#rest.slice(0, rows) : this.#rest
    this.#rest = this.#rest.slice(page.length)
    this.#say([...page, ...(this.#rest.length > 0 ? [`-- ${this.#rest.length} more lines: press Enter --`] : [])])
  }

  #say(lines: string[]): void {
    const shown = lines.filter((line, i) => line !== '' || i < lines.length - 1)
    if (shown.length > 0) this.#io.stdout.write(`${shown.join('\n')}\n`)
  }

  key(signal: AbortSignal): Promise<Key> {
    return this.#keys.next(signal)
  }

  async handOver<T>(work: () => Promise<T>): Promise<T> {
    this.#reader?.close()
    this.#reader = undefined
    try {
      return await work()
    } finally {
      this.#keys.clear()
      this.#listen()
      this.redraw()
    }
  }

  #listen(): void {
    const reader = createInterface({ input: this.#io.stdin, terminal: false })
    reader.on('line', (line) => this.#onLine(line.trim()))
    this.#reader = reader
    this.#io.stdin.resume()
  }

  #onLine(line: string): void {
    const view = this.#render?.()
    if (view === undefined) return
    if (line === '' && this.#rest.length > 0) {
      this.#print(view)
      if (this.#rest.length === 0) this.#say(view.foot)
      return
    }
    this.#rest = []
    // Digits and a search are typed as a whole; of a word its first letter is meant: 'hint' is h.
    const isText = view.typing === true || /^[\d/]/.test(line)
    for (const key of isText ? line : line.slice(0, 1)) this.#keys.press(key)
    if (line === '' || isText) this.#keys.press('enter')
  }

  [Symbol.dispose](): void {
    this.#render = undefined
    this.#reader?.close()
    this.#reader = undefined
  }
}

import xterm from '@xterm/headless'

export const KEYS = {
  up: '\u001b[A',
  down: '\u001b[B',
  enter: '\r',
  escape: '\u001b',
  space: ' ',
  end: '\u001b[F',
  ctrlC: '\u0003',
  ctrlZ: '\u001a',
}

/** Every wait of a test has this limit; none is ever waited out where all is well. */
const LIMIT_MS = 60_000

/** What a terminal shows of the bytes that a program writes. */
export class Screen implements Disposable {
  readonly #terminal: xterm.Terminal
  /** Everything that was ever written, for what a screen does not show: whether the cursor is there. */
  output = ''
  /** As much of it as is on the screen by now. */
  #drawn = ''
  #changed = Promise.withResolvers<void>()

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 1000, allowProposedApi: true })
  }

  write(text: string): void {
    this.output += text
    this.#terminal.write(text, () => {
      this.#drawn += text
      this.tell()
    })
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows)
  }

  /** What is on the screen now, without what fills its lines up. */
  get text(): string {
    const { active } = this.#terminal.buffer
    return this.#lines(active.baseY, this.#terminal.rows)
  }

  /** The same, with what has been scrolled away. */
  get all(): string {
    const { active } = this.#terminal.buffer
    return this.#lines(0, active.length)
  }

  #lines(from: number, count: number): string {
    const { active } = this.#terminal.buffer
    const lines = Array.from({ length: count }, (_, row) =>
      (active.getLine(from + row)?.translateToString(true) ?? '').trimEnd(),
    )
    return lines.join('\n').trimEnd()
  }

  /** Whether the whole window belongs to the program. */
  get isFull(): boolean {
    return this.#terminal.buffer.active.type === 'alternate'
  }

  /** What the program said last of the cursor. */
  get cursorShown(): boolean {
    return this.output.lastIndexOf('\u001b[?25h') >= this.output.lastIndexOf('\u001b[?25l')
  }

  /** Whether a screen has been drawn in part: the rest is on its way. */
  get #isBeingDrawn(): boolean {
    return this.#drawn.lastIndexOf('\u001b[?2026h') > this.#drawn.lastIndexOf('\u001b[?2026l')
  }

  /** Waits until the screen shows it; what is then on it is returned. */
  shows(what: string | RegExp): Promise<string> {
    const isThere = () => (typeof what === 'string' ? this.text.includes(what) : what.test(this.text))
    return this.until(String(what), () => !this.#isBeingDrawn && isThere())
  }

  async until(what: string, isSo: () => boolean): Promise<string> {
    const end = AbortSignal.timeout(LIMIT_MS)
    const over = new Promise<void>((resolve) => end.addEventListener('abort', () => resolve(), { once: true }))
    while (!isSo()) {
      if (end.aborted) throw new Error(`'${what}' did not come within ${LIMIT_MS} ms. The screen:\n${this.text}`)
      await Promise.race([this.#changed.promise, over])
    }
    return this.text
  }

  /** Lets who waits look again. */
  tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  [Symbol.dispose](): void {
    this.#terminal.dispose()
  }
}

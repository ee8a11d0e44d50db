import { PassThrough, Writable } from 'node:stream'
import type { Terminal } from '../io.ts'

const CSI = '\u001b['
const ENTER = `${CSI}?1049h${CSI}?25l${CSI}2J`
/** What a killed editor may have left on: mouse, bracketed paste, application keys. */
const TIDY = `${CSI}?1000l${CSI}?1002l${CSI}?1003l${CSI}?1006l${CSI}?2004l${CSI}?1l${CSI}>${CSI}0m`
const LEAVE = `${CSI}?1049l${CSI}?25h`
/** Where the shell can't stop us (no job control), drawing goes on after this long. */
const STOPPED_BY_NOW_MS = 50

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's
const KEY = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.|[^[O])?|./gsu
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's
const ERASING = /^(?:\u001b\[\d+B)?(?:\u001b\[2K(?:\u001b\[1A)?)*(?:\u001b\[G)?/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's
const CURSOR = /(?:\u001b\[\d+A)?\u001b\[\d+G$/
const HIDE = `${CSI}?25l`
const SHOW = `${CSI}?25h`

export interface WindowEvents {
  /** Ctrl-C. */
  interrupt(): void
  /** Ctrl-D. */
  end(): void
}

/**
 * The whole window of a terminal, on its second screen, for one prompt of Inquirer's after another. What was on the
 * terminal before is there again afterwards.
 *
 *   stdin ──▶ Ctrl-C, Ctrl-Z, Esc are the window's ──▶ input ──▶ prompt ──▶ output ──▶ lines that changed ──▶ stdout
 *
 * Keys pressed between two prompts wait in `input` for the next one.
 */
export class Window implements Disposable {
  readonly input = new PassThrough()
  readonly #io: Terminal
  readonly #events: WindowEvents
  readonly #listeners = new Set<(isResized: boolean) => void>()
  #onEscape: (() => void) | undefined
  #lines: string[] = []
  #cursor = ''
  #drawn: string[] = []
  #isTaken = false
  #isHandedOver = false
  #notStopped: NodeJS.Timeout | undefined

  /** @throws if the terminal can't be switched to single keys */
  constructor(io: Terminal, events: WindowEvents) {
    this.#io = io
    this.#events = events
    this.#open()
    io.stdout.on('resize', this.#onResize)
    process.on('SIGCONT', this.#onContinue)
    // However the process ends, the cursor comes back.
    process.on('exit', this.#giveBack)
  }

  get size(): { rows: number; columns: number } {
    // A terminal of size 0 has not been told its size yet.
    return { rows: this.#io.stdout.rows || 24, columns: this.#io.stdout.columns || 80 }
  }

  /** For one prompt: it ends what it has written to. */
  get output(): Writable {
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        this.#take(String(chunk))
        done()
      },
    })
    return Object.defineProperty(output, 'columns', { get: () => this.size.columns })
  }

  /** Calls `redraw` whenever what is shown may have changed; returns what ends that. */
  listen(redraw: (isResized: boolean) => void): () => void {
    this.#listeners.add(redraw)
    return () => this.#listeners.delete(redraw)
  }

  redraw(isResized = false): void {
    for (const redraw of [...this.#listeners]) redraw(isResized)
  }

  /** Calls `back` when Esc is pressed; returns what ends that. */
  onEscape(back: () => void): () => void {
    this.#onEscape = back
    return () => {
      if (this.#onEscape === back) this.#onEscape = undefined
    }
  }

  /** Gives the terminal, as it was found, to somebody else while `work` goes on. */
  async handOver<T>(work: () => Promise<T>): Promise<T> {
    this.#giveBack()
    this.#isHandedOver = true
    try {
      return await work()
    } finally {
      this.#isHandedOver = false
      this.#io.stdout.write(TIDY)
      this.#open()
    }
  }

  /** Takes a frame of Inquirer's apart: it erases what was there, writes its lines, and puts the cursor in its place. */
  #take(chunk: string): void {
    const text = chunk.replace(ERASING, '')
    const [cursor = ''] = text.match(CURSOR) ?? []
    const lines = text.slice(0, text.length - cursor.length)
    if (lines === '' && cursor !== '') this.#cursor = this.#cursor.replace(CURSOR, cursor)
    // What a prompt writes when it is done has no lines: the next prompt draws over it.
    else if (cursor === '') return
    else {
      this.#lines = lines.replaceAll(HIDE, '').split('\n').slice(0, this.size.rows)
      this.#cursor = `${CSI}${this.#lines.length};1H${cursor}${lines.includes(HIDE) ? HIDE : SHOW}`
    }
    this.#draw()
  }

  /** Writes only the lines that changed: nothing flickers, even over a slow connection. */
  #draw(): void {
    if (!this.#isTaken) return
    const rows = Math.max(this.#lines.length, this.#drawn.length)
    const changed = Array.from({ length: rows }, (_, i) => this.#lines[i] ?? '').flatMap((line, i) =>
      line === this.#drawn[i] ? [] : [`${CSI}${i + 1};1H${CSI}0m${CSI}2K${line}`],
    )
    const isNew = changed.length > 0
    this.#drawn = [...this.#lines]
    // A terminal that knows synchronized output shows it all at once; others ignore the request.
    if (isNew || !this.#cursor.endsWith(HIDE)) {
      this.#io.stdout.write(`${CSI}?2026h${changed.join('')}${this.#cursor}${CSI}?2026l`)
    }
  }

  #open(): void {
    if (this.#isTaken) return
    clearTimeout(this.#notStopped)
    this.#io.stdin.setRawMode?.(true)
    this.#isTaken = true
    this.#drawn = []
    this.#io.stdout.write(ENTER)
    this.#io.stdin.on('data', this.#onData)
    this.#io.stdin.resume()
    this.#draw()
  }

  readonly #giveBack = (): void => {
    if (!this.#isTaken) return
    this.#isTaken = false
    this.#io.stdin.off('data', this.#onData)
    this.#io.stdin.pause()
    this.#io.stdout.write(LEAVE)
    try {
      this.#io.stdin.setRawMode?.(false)
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
  }

  readonly #onData = (chunk: Buffer | string): void => {
    for (const [key] of String(chunk).matchAll(KEY)) {
      if (key === '\u0003') this.#events.interrupt()
      else if (key === '\u0004') this.#events.end()
      else if (key === '\u001a') this.#suspend()
      else if (key === '\u000c') this.#onResize()
      else if (key === '\u001b') this.#onEscape?.()
      else this.input.write(key)
    }
  }

  readonly #onResize = (): void => {
    // What was fitted into another window would be wrapped here.
    this.#drawn = []
    this.#lines = []
    if (this.#isTaken) this.#io.stdout.write(`${CSI}2J`)
    this.redraw(true)
  }

  readonly #onContinue = (): void => {
    if (this.#isHandedOver) return
    // The shell may have changed the terminal while this job was stopped.
    this.#giveBack()
    this.#open()
  }

  #suspend(): void {
    if (process.platform === 'win32') return
    this.#giveBack()
    // npm and what it started stop as well: the shell waits for all of them.
    process.kill(0, 'SIGTSTP')
    this.#notStopped = setTimeout(() => {
      if (!this.#isHandedOver) this.#open()
    }, STOPPED_BY_NOW_MS)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#notStopped)
    this.#giveBack()
    this.#io.stdout.off('resize', this.#onResize)
    process.off('SIGCONT', this.#onContinue)
    process.off('exit', this.#giveBack)
  }
}

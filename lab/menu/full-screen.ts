import { emitKeypressEvents } from 'node:readline'
import type { Terminal } from '../io.ts'
import type { Theme } from '../text/theme.ts'
import { type Frame, frame, type Size } from './frame.ts'
import { type Key, Keys, type Surface, type SurfaceEvents, type View } from './surface.ts'

const ESC = '\u001b['
const ENTER = `${ESC}?1049h${ESC}?25l`
/** What an editor that was killed may have left on: mouse, pasting, arrows of another kind. */
const TIDY = `${ESC}?1000l${ESC}?1002l${ESC}?1003l${ESC}?1006l${ESC}?2004l${ESC}?1l${ESC}>${ESC}0m`
const LEAVE = `${ESC}?1049l${ESC}?25h`
/** Where the shell can't stop us (no job control), drawing goes on after so long. */
const STOPPED_BY_NOW_MS = 50

const NAMES: Record<string, Key> = { return: 'enter', enter: 'enter' }

/**
 * The whole window of a terminal, on its second screen: what was there before is there again afterwards.
 *
 *   take ──▶ draw, keys ──▶ give back          Ctrl-Z gives it back, and takes it again when the job goes on
 */
export class FullScreen implements Surface {
  readonly #io: Terminal
  readonly #theme: () => Theme
  readonly #events: SurfaceEvents
  readonly #keys = new Keys()
  #render: (() => View) | undefined
  #offset = 0
  #id = ''
  #frame: Frame | undefined
  #drawn: string[] = []
  #taken = false
  #handedOver = false
  #notStopped: NodeJS.Timeout | undefined

  /** @throws where the terminal is none, after all */
  constructor(io: Terminal, theme: () => Theme, events: SurfaceEvents) {
    this.#io = io
    this.#theme = theme
    this.#events = events
    emitKeypressEvents(io.stdin)
    this.#take()
    io.stdout.on('resize', this.#onResize)
    process.on('SIGCONT', this.#onContinue)
    // Whatever ends the process, the cursor comes back.
    process.on('exit', this.#giveBack)
  }

  show(render: () => View): void {
    this.#render = render
    this.redraw()
  }

  redraw(): void {
    if (!this.#taken || this.#render === undefined) return
    const view = this.#render()
    if (view.id !== this.#id) this.#offset = 0
    this.#id = view.id
    this.#frame = frame(view, this.#size, this.#offset, this.#theme())
    this.#offset = this.#frame.offset
    this.#draw(this.#frame.lines)
  }

  key(signal: AbortSignal): Promise<Key> {
    return this.#keys.next(signal)
  }

  async handOver<T>(work: () => Promise<T>): Promise<T> {
    this.#giveBack()
    this.#handedOver = true
    try {
      return await work()
    } finally {
      this.#handedOver = false
      this.#keys.clear()
      this.#io.stdout.write(TIDY)
      this.#take()
      this.redraw()
    }
  }

  get #size(): Size {
    // A terminal of no size at all has not been told it yet.
    return { rows: this.#io.stdout.rows || 24, columns: this.#io.stdout.columns || 80 }
  }

  /** Only the lines that changed are written: nothing flickers, also over a slow line. */
  #draw(lines: string[]): void {
    const changed = lines.flatMap((line, i) =>
      line === this.#drawn[i] ? [] : [`${ESC}${i + 1};1H${ESC}0m${line}${ESC}K`],
    )
    this.#drawn = lines
    // A terminal that knows synchronized output shows the whole of it at once; another one takes no notice.
    if (changed.length > 0) this.#io.stdout.write(`${ESC}?2026h${changed.join('')}${ESC}?2026l`)
  }

  #take(): void {
    if (this.#taken) return
    clearTimeout(this.#notStopped)
    this.#io.stdin.setRawMode?.(true)
    this.#taken = true
    this.#drawn = []
    this.#io.stdout.write(`${ENTER}${ESC}2J`)
    this.#io.stdin.on('keypress', this.#onKeypress)
    this.#io.stdin.resume()
  }

  readonly #giveBack = (): void => {
    if (!this.#taken) return
    this.#taken = false
    this.#io.stdin.off('keypress', this.#onKeypress)
    this.#io.stdin.pause()
    this.#io.stdout.write(LEAVE)
    try {
      this.#io.stdin.setRawMode?.(false)
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
  }

  readonly #onResize = (): void => {
    this.#drawn = []
    if (this.#taken) this.#io.stdout.write(`${ESC}2J`)
    this.redraw()
  }

  readonly #onContinue = (): void => {
    if (this.#handedOver) return
    // The shell may have changed the terminal while this job was stopped.
    this.#giveBack()
    this.#take()
    this.redraw()
  }

  #suspend(): void {
    if (process.platform === 'win32') return
    this.#giveBack()
    // npm and what it has started stop as well: the shell waits for them all.
    process.kill(0, 'SIGTSTP')
    this.#notStopped = setTimeout(() => {
      if (this.#taken || this.#handedOver) return
      this.#take()
      this.redraw()
    }, STOPPED_BY_NOW_MS)
  }

  readonly #onKeypress = (
    text: string | undefined,
    key: { name?: string; ctrl?: boolean; sequence?: string },
  ): void => {
    if (key.ctrl && key.name === 'c') this.#events.interrupt()
    else if (key.ctrl && key.name === 'z') this.#suspend()
    else if (key.ctrl && key.name === 'l') this.#onResize()
    else {
      const name = nameOf(text, key)
      if (name !== undefined && !this.#scroll(name)) this.#keys.press(name)
    }
  }

  /** Whether the key was for what is shown, and not for the screen. */
  #scroll(key: Key): boolean {
    const view = this.#render?.()
    if (view === undefined || this.#frame === undefined || view.at !== undefined || view.typing) return false
    const { page } = this.#frame
    const steps: Record<Key, number> = {
      up: -1,
      down: 1,
      pageup: -page,
      pagedown: page,
      space: page,
      home: Number.NEGATIVE_INFINITY,
      end: view.body.length,
    }
    const step = steps[key]
    if (step === undefined) return false
    this.#offset = Math.max(0, this.#offset + step)
    this.redraw()
    return true
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#notStopped)
    this.#giveBack()
    this.#render = undefined
    this.#io.stdout.off('resize', this.#onResize)
    process.off('SIGCONT', this.#onContinue)
    process.off('exit', this.#giveBack)
  }
}

function nameOf(text: string | undefined, { name, ctrl }: { name?: string; ctrl?: boolean }): Key | undefined {
  if (ctrl) return name === 'd' ? 'q' : undefined
  if (text === ' ') return 'space'
  // What can be seen is itself; the rest has a name.
  if (text !== undefined && text.length > 0 && text >= ' ' && text !== '\u007f' && !text.startsWith('\u001b'))
    return text
  return name === undefined ? undefined : (NAMES[name] ?? name)
}

import { Writable } from 'node:stream'
import type { Theme } from '../text/theme.ts'
import { type Shown, shownLines } from './lay-out.ts'

/** Where a run is shown. */
export interface Screen {
  show(shown: Shown): void
}

type Out = NodeJS.WritableStream

/** Line after line, where there is no terminal or a plain one. */
export function plainScreen(out: Out, theme: () => Theme): Screen {
  return {
    show: (shown) => write(out, shownLines(shown, theme())),
  }
}

const ESCAPE = '\u001b['
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's
const ERASING = /^(?:\u001b\[\d+B)?(?:\u001b\[2K(?:\u001b\[1A)?)*(?:\u001b\[G)?/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's
const UP = /\u001b\[(\d+)A(?:\u001b\[\d+G)?$/

/** New lines appear above what a prompt of Inquirer's shows, which stays at the bottom. */
export class LiveScreen implements Screen {
  /** What the prompt drew last, without what it erased before. */
  #drawn = ''
  readonly #out: Out & { columns?: number }
  readonly #theme: () => Theme

  constructor(out: Out, theme: () => Theme) {
    this.#out = out
    this.#theme = theme
  }

  /** For the prompt. */
  get output(): Writable {
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        const text = String(chunk)
        const drawn = text.replace(ERASING, '')
        // Only the cursor moves within what is there, or the prompt is done.
        if (text !== drawn || this.#drawn === '') this.#drawn = drawn.includes('\n') ? drawn : ''
        this.#out.write(text)
        done()
      },
    })
    return Object.defineProperty(output, 'columns', { get: () => this.#out.columns })
  }

  show(shown: Shown): void {
    const lines = shownLines(shown, this.#theme())
    this.#out.write(`${this.#erased}${lines.join('\n')}\n${this.#drawn}`)
  }

  /** Takes the prompt away, for as long as somebody else has the terminal. */
  hide(): void {
    this.#out.write(this.#erased)
  }

  redraw(): void {
    this.#out.write(this.#drawn)
  }

  get #erased(): string {
    if (this.#drawn === '') return ''
    const below = Number(this.#drawn.match(UP)?.[1] ?? 0)
    const rows = this.#drawn.split('\n').length
    const down = below > 0 ? `${ESCAPE}${below}B` : ''
    return `${down}${`${ESCAPE}2K${ESCAPE}1A`.repeat(rows - 1)}${ESCAPE}2K${ESCAPE}G`
  }
}

function write(out: Out, lines: string[]): void {
  out.write(`${lines.join('\n')}\n`)
}

import type { Theme } from '../text/theme.ts'
import { type Shown, shownLines } from './lay-out.ts'

/** Where a run is shown. */
export interface Screen {
  show(shown: Shown): void
  /** What stands below everything that is shown: the last line is the one that is typed, with the cursor in a column. */
  bottom(lines: string[], cursor: number): void
  end(): void
}

type Out = NodeJS.WritableStream

/** Line after line, where there is no terminal or a plain one. */
export function plainScreen(out: Out, theme: () => Theme): Screen {
  return {
    show: (shown) => write(out, shownLines(shown, theme())),
    bottom: () => {},
    end: () => {},
  }
}

const ESCAPE = '\u001b['
const CLEAR = `\r${ESCAPE}2K${ESCAPE}J`

/** New lines appear above the bottom ones, which stay. */
export class LiveScreen implements Screen {
  readonly #out: Out
  readonly #theme: () => Theme
  #lines: string[] = []
  #cursor = 0

  constructor(out: Out, theme: () => Theme) {
    this.#out = out
    this.#theme = theme
  }

  show(shown: Shown): void {
    const lines = shownLines(shown, this.#theme())
    this.#out.write(`${this.#erased()}${lines.join('\n')}\n${this.#drawn()}`)
  }

  bottom(lines: string[], cursor: number): void {
    const erased = this.#erased()
    this.#lines = lines
    this.#cursor = cursor
    this.#out.write(erased + this.#drawn())
  }

  end(): void {
    this.#out.write(this.#erased())
    this.#lines = []
  }

  #erased(): string {
    const up = this.#lines.length > 1 ? `${ESCAPE}${this.#lines.length - 1}A` : ''
    return this.#lines.length === 0 ? '' : up + CLEAR
  }

  #drawn(): string {
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}${ESCAPE}${this.#cursor + 1}G`
  }
}

function write(out: Out, lines: string[]): void {
  out.write(`${lines.join('\n')}\n`)
}

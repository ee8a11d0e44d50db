import { execFileSync } from 'node:child_process'

/** A terminal that is filmed: what stands in it from one moment on, as text with colours. */
export interface Frame {
  screen: string
  ms: number
}

const COLUMN = 8.4
const ROW = 18
const MARGIN = 14
/** Of the sixteen colours of a terminal those that the lab uses, by their number. */
const COLOURS: Record<number, string> = {
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
}

interface Style {
  colour?: string
  bold?: boolean
  dim?: boolean
  underline?: boolean
}

interface Span {
  text: string
  column: number
  style: Style
}

/** A film of a terminal as one SVG that needs nothing else. Where motion isn't wanted, it shows its last frame. */
export function drawScreencast(frames: Frame[], { columns, rows }: { columns: number; rows: number }): string {
  const width = Math.round(columns * COLUMN + 2 * MARGIN)
  const height = rows * ROW + 2 * MARGIN
  const total = frames.reduce((sum, { ms }) => sum + ms, 0)
  let passed = 0
  const steps = frames.map(({ ms }, i) => {
    const at = ((passed / total) * 100).toFixed(2)
    passed += ms
    return `${at}%{transform:translateY(${-i * height}px)}`
  })
  const last = -(frames.length - 1) * height
  const pictures = frames.map(({ screen }, i) => {
    let style: Style = {}
    const lines = screen
      .split('\n')
      .slice(0, rows)
      .map((line) => {
        const spans = spansOf(line, style)
        style = spans.style
        return spans.list
      })
    return `<g transform="translate(${MARGIN} ${i * height + MARGIN})">${lines.map(drawRow).join('')}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>A terminal</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}
.film{animation:film ${total}ms step-end infinite}
@keyframes film{${steps.join('')}100%{transform:translateY(${last}px)}}
@media (prefers-reduced-motion:reduce){.film{animation:none;transform:translateY(${last}px)}}
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<g class="film" fill="#e6edf3">
${pictures.join('\n')}
</g>
</svg>
`
}

function drawRow(list: Span[], row: number): string {
  const spans = list.map(({ text, column, style }) => {
    const { colour, bold, dim, underline } = style
    const looks = [
      colour && `fill="${colour}"`,
      bold && 'font-weight="bold"',
      dim && 'opacity=".65"',
      underline && 'text-decoration="underline"',
    ].filter(Boolean)
    const place = `x="${(column * COLUMN).toFixed(1)}" textLength="${(text.length * COLUMN).toFixed(1)}"`
    return `<text ${[place, `y="${(row + 1) * ROW - 4}"`, ...looks].join(' ')}>${escaped(text)}</text>`
  })
  return spans.join('')
}

/** The words of a line with their looks; what is only space is left out. A style goes on in the next line. */
function spansOf(line: string, before: Style): { list: Span[]; style: Style } {
  const list: Span[] = []
  let style = before
  let column = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's colours.
  for (const [, codes, text = ''] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (codes !== undefined) style = codes.split(';').reduce((so, code) => restyle(so, Number(code)), style)
    // Two spaces or more part the words of a line, so that each stands in its column whatever the font.
    for (const { 0: words, index } of text.matchAll(/\S+(?: \S+)*/g)) {
      list.push({ text: words, column: column + index, style })
    }
    column += text.length
  }
  return { list, style }
}

function restyle(style: Style, code: number): Style {
  if (code === 0) return {}
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 4) return { ...style, underline: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 24) return { ...style, underline: false }
  const { colour: _, ...others } = style
  if (code === 39) return others
  const colour = COLOURS[code]
  return colour === undefined ? style : { ...style, colour }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A real terminal to film, by tmux. */
export class Terminal implements Disposable {
  readonly frames: Frame[] = []
  readonly #server = `cluster-up-${process.pid}`

  constructor({ columns, rows, cwd }: { columns: number; rows: number; cwd: string }) {
    const size = ['-x', String(columns), '-y', String(rows)]
    const shell = 'PS1="$ " exec bash --norc --noprofile'
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-c', cwd, shell)
    this.#tmux('set-option', '-g', 'status', 'off')
  }

  [Symbol.dispose](): void {
    this.#tmux('kill-server')
  }

  press(key: string): void {
    this.#tmux('send-keys', key)
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', '--', text)
  }

  /** Films what stands there now, for so long. */
  film(ms: number): void {
    this.frames.push({ screen: this.#tmux('capture-pane', '-e', '-p').trimEnd(), ms })
  }

  /** Resolves when the text is on the screen. @throws when it does not come */
  async shows(text: string, limitMs = 60_000): Promise<void> {
    const end = performance.now() + limitMs
    for (;;) {
      const screen = this.#tmux('capture-pane', '-p')
      if (screen.includes(text)) return
      if (performance.now() > end)
        throw new Error(`'${text}' did not appear within ${limitMs} ms. The last screen:\n${screen}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#server, ...args], { encoding: 'utf8' })
  }
}

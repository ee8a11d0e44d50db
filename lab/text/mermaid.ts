import type { Row, Sequence } from './sequence.ts'

/** A diagram that can't be read: `line` counts from 1 in the diagram's own text. */
export class DiagramError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(`line ${line} of the diagram: ${message}`)
    this.name = 'DiagramError'
    this.line = line
  }
}

type Message = Extract<Row, { kind: 'message' }>
type Frame = Extract<Row, { kind: 'frame' }>

const ARROWS: Record<string, Pick<Message, 'line' | 'head'>> = {
  '->>': { line: 'solid', head: 'arrow' },
  '-->>': { line: 'dashed', head: 'arrow' },
  '-x': { line: 'solid', head: 'lost' },
  '--x': { line: 'dashed', head: 'lost' },
  '-)': { line: 'solid', head: 'arrow' },
  '--)': { line: 'dashed', head: 'arrow' },
  '->': { line: 'solid', head: 'none' },
  '-->': { line: 'dashed', head: 'none' },
}

const MESSAGE = /^(.+?)\s*(--?>>|--?x|--?\)|--?>)\s*[+-]?\s*([^:]+?)\s*(?::(.*))?$/
const NOTE = /^note\s+(over|left of|right of)\s+([^:]+):(.*)$/i
const PARTICIPANT = /^(?:participant|actor)\s+(.+?)(?:\s+as\s+(.+))?$/
const OPENS = /^(loop|alt|opt|par|critical|break)\b\s*(.*)$/
const CONTINUES = /^(else|and|option)\b\s*(.*)$/
/** What only matters to a picture. */
const IGNORED = /^(?:%%.*|autonumber.*|title\b.*|activate\s.*|deactivate\s.*|)$/

/** Is this the text of a sequence diagram? Mermaid has other kinds, which are not drawn here. */
export function isSequence(source: string): boolean {
  return /^\s*(?:%%.*\s+)*sequenceDiagram\b/.test(source)
}

/** What has been read so far. */
class Reading {
  readonly participants: Sequence['participants'] = []
  readonly root: Row[] = []
  readonly open: Frame[] = []

  /** The rows that are being filled: those of the innermost open frame. */
  get rows(): Row[] {
    return this.open.at(-1)?.parts.at(-1)?.rows ?? this.root
  }

  /** Participants stand in the order in which they are first named. */
  meet(id: string, name?: string): string {
    const known = this.participants.find((each) => each.id === id)
    if (!known) this.participants.push({ id, name: name ?? id })
    else if (name) known.name = name
    return id
  }
}

/** One kind of line each; what a reader returns is what is wrong. */
const READERS: [RegExp, (reading: Reading, ...groups: string[]) => string | undefined][] = [
  [
    PARTICIPANT,
    (reading, id = '', name = '') => {
      reading.meet(id, name === '' ? undefined : words(name))
      return undefined
    },
  ],
  [
    NOTE,
    (reading, where = '', ids = '', text = '') => {
      const over = ids.split(',').map((id) => reading.meet(id.trim()))
      const side = where.toLowerCase().startsWith('left') ? 'left' : /^right/i.test(where) ? 'right' : 'over'
      reading.rows.push({ kind: 'note', over, side, text: words(text) })
      return undefined
    },
  ],
  [
    OPENS,
    (reading, name = '', label = '') => {
      const frame: Frame = { kind: 'frame', name, parts: [{ label: words(label), rows: [] }] }
      reading.rows.push(frame)
      reading.open.push(frame)
      return undefined
    },
  ],
  [
    CONTINUES,
    (reading, name = '', label = '') => {
      const frame = reading.open.at(-1)
      frame?.parts.push({ label: [name, words(label)].filter(Boolean).join(': '), rows: [] })
      return frame ? undefined : `'${name}' stands outside of any frame`
    },
  ],
  [/^end$/, (reading) => (reading.open.pop() ? undefined : "this 'end' has nothing to end")],
  [
    MESSAGE,
    (reading, from = '', arrow = '', to = '', text = '') => {
      reading.meet(from.trim())
      reading.meet(to.trim())
      const message: Row = { kind: 'message', from: from.trim(), to: to.trim(), text: words(text), ...ARROWS[arrow] }
      reading.rows.push(message)
      return undefined
    },
  ],
]

/** Reads the part of mermaid's `sequenceDiagram` that the lessons use; a `DiagramError` says where it is something else. */
export function parseSequence(source: string): Sequence {
  const reading = new Reading()
  const lines = source.trimEnd().split(/\r?\n/)
  const start = lines.findIndex((line) => !IGNORED.test(line.trim()))
  if (lines[start]?.trim() !== 'sequenceDiagram')
    throw new DiagramError(start + 1, "it does not begin with 'sequenceDiagram'")
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    if (index <= start || IGNORED.test(line)) continue
    const reader = READERS.find(([pattern]) => pattern.test(line))
    const wrong = reader ? reader[1](reading, ...(line.match(reader[0])?.slice(1) ?? [])) : `'${line}' can't be drawn`
    if (wrong) throw new DiagramError(index + 1, wrong)
  }
  const unclosed = reading.open.at(-1)
  if (unclosed) throw new DiagramError(lines.length, `'${unclosed.name}' has no 'end'`)
  return { participants: reading.participants, rows: reading.root }
}

/** Mermaid's text: line breaks and character codes as HTML has them. */
function words(text: string): string {
  return text
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/#quot;/g, '"')
    .trim()
}

import type { FrameEvent, RecordedEvent } from '../recording/recording.ts'
import type { TraceRow } from '../report/report.ts'
import { visibleBegin, visibleLines } from '../text/visible.ts'
import type { Detail } from './shared/film.ts'

/** A user and a password, and URLs that hold them. */
const SECRET = new Set(['response', 'url', 'urls'])
const LONGEST_BODY = 1_000

/** All that there is to read about an event: its fields, and the properties and the body of its message. */
export function detailsOf(event: RecordedEvent, row: TraceRow, contents: FrameEvent[]): Detail[] {
  const held = [event, ...contents].some((one) => one.kind === 'frame' && one.held)
  return [
    ...(row.channel > 0 ? [{ name: 'channel', text: String(row.channel) }] : []),
    ...fieldsOf(row.fields),
    ...contents.filter(({ method }) => method === 'header').flatMap(({ fields }) => headerOf(fields)),
    ...bodyOf(contents),
    ...(event.kind === 'finding' && event.detail !== undefined
      ? [{ name: 'what is known', text: visibleLines(event.detail).slice(0, LONGEST_BODY) }]
      : []),
    ...(held ? [{ name: 'held back', text: 'the lab kept it from the other side' }] : []),
  ]
}

function fieldsOf(fields: Record<string, unknown>, before = ''): Detail[] {
  return Object.entries(fields).flatMap(([name, value]): Detail[] => {
    if (SECRET.has(name) || value === undefined) return []
    const path = `${before}${visibleBegin(name)}`
    if (isObject(value) && Object.keys(value).length > 0) return fieldsOf(value, `${path}.`)
    return [{ name: path, text: visibleBegin(textOf(value)) }]
  })
}

function headerOf({ bodySize, properties }: Record<string, unknown>): Detail[] {
  return [
    ...fieldsOf(isObject(properties) ? properties : {}, 'property '),
    { name: 'body size', text: `${String(bodySize)} bytes` },
  ]
}

function bodyOf(contents: FrameEvent[]): Detail[] {
  const bodies = contents.filter(({ method }) => method === 'body')
  if (bodies.length === 0) return []
  const text = bodies.map(({ fields }) => String(fields.text ?? '')).join('')
  const size = bodies.reduce((sum, { fields }) => sum + Number(fields.size), 0)
  const isWhole = Buffer.byteLength(text) === size && text.length <= LONGEST_BODY
  return [{ name: isWhole ? 'body' : 'body (its beginning)', text: visibleLines(text.slice(0, LONGEST_BODY)) }]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

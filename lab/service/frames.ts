import type { FrameEvent, RecordedEvent, Side } from '../recording/recording.ts'
import type { TraceRow } from '../report/report.ts'
import { said } from '../report/rows.ts'

/** Something that passed the wire, in a few words. */
export interface Passed {
  from: Side
  text: string
}

/** What says nothing to whoever watches; the response of start-ok is a user and a password. */
const QUIET = new Set(['response', 'mechanism', 'mechanisms', 'locale', 'clientProperties', 'exchange', 'consumerTag'])
const WITH_CONTENT = /^basic\.(publish|deliver|get-ok|return)$/

interface Open {
  frame: FrameEvent
  left: number
  body: string
}

/**
 * What passes the wire, a line each: a message's three frames are said in one, with its text. Heartbeats are left out.
 */
export class Frames {
  /** Messages whose content is still to come, by direction, connection and channel. */
  readonly #open = new Map<string, Open>()
  /** Connections that have ended, on one of their sides. */
  readonly #ended = new Set<number>()

  take(event: RecordedEvent): Passed[] {
    if (event.kind === 'tcp') return this.#tcp(event)
    if (event.kind !== 'frame' || event.method === 'heartbeat') return []
    const lane = `${event.connection}/${event.channel}/${event.from}`
    if (WITH_CONTENT.test(event.method)) {
      this.#open.set(lane, { frame: event, left: 1, body: '' })
      return []
    }
    const open = this.#open.get(lane)
    if (!open) return [passed(event, event.fields)]
    if (event.method === 'header') open.left = Number(event.fields.bodySize)
    else if (event.method === 'body') {
      open.left -= Number(event.fields.size)
      open.body += event.fields.text ?? ''
    } else {
      // The content never came: what was begun is said as far as it went.
      this.#open.delete(lane)
      return [message(open), passed(event, event.fields)]
    }
    if (open.left > 0) return []
    this.#open.delete(lane)
    return [message(open)]
  }

  #tcp(event: Extract<RecordedEvent, { kind: 'tcp' }>): Passed[] {
    if (event.what === 'accepted')
      return [{ from: 'student', text: `opens a TCP connection${event.detail ? ` to ${event.detail}` : ''}` }]
    for (const lane of this.#open.keys()) if (lane.startsWith(`${event.connection}/`)) this.#open.delete(lane)
    // One side ends it, and that the other then does so too says nothing.
    if (this.#ended.has(event.connection)) return []
    this.#ended.add(event.connection)
    return [passed({ ...event, method: `tcp.${event.what}` }, {})]
  }
}

function message({ frame, body }: Open): Passed {
  const { deliveryTag, redelivered, routingKey, replyText } = frame.fields
  // The default exchange routes by the queue's name: at a delivery everybody knows it.
  const key = frame.method === 'basic.deliver' ? {} : { routingKey }
  return passed(frame, { deliveryTag, redelivered, replyText, ...key, body })
}

function passed(
  { ms, connection, ...event }: { ms: number; connection: number; method: string; from?: Side; by?: Side | 'lab' },
  fields: Record<string, unknown>,
): Passed {
  const from = event.from ?? (event.by === 'student' ? 'student' : 'broker')
  const telling = Object.fromEntries(Object.entries(fields).filter(([name]) => !QUIET.has(name)))
  if (event.method.startsWith('basic.consume')) telling.consumerTag = fields.consumerTag
  const row: TraceRow = { ms, from, connection, channel: 0, method: event.method, fields: telling }
  return { from, text: said(row) }
}

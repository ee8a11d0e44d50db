import { type DeliveryTag, deliveries } from './deliveries.ts'
import { once } from './once.ts'
import type { FrameEvent } from './recording.ts'

export interface Settlement {
  ms: number
  connection: number
  channel: number
  kind: 'ack' | 'nack' | 'reject'
  /** For nack and reject: whether the message goes back to its queue. */
  requeue?: boolean
  multiple: boolean
  /** What the frame says. */
  deliveryTag: DeliveryTag
  /** The deliveries of the channel that it settled: outstanding until then. Empty: there was nothing to settle. */
  tags: DeliveryTag[]
  /** A fault kept it from the broker, as far as the recording knows. */
  held: boolean
  frame: FrameEvent
}

const KINDS: Record<string, Settlement['kind']> = {
  'basic.ack': 'ack',
  'basic.nack': 'nack',
  'basic.reject': 'reject',
}

/** After these nothing is outstanding on the channel: it is new, or the broker has taken everything back. */
const FORGETS = new Set(['channel.open', 'basic.recover', 'basic.recover-async'])

/** Every ack, nack and reject of the student's service, in order, with the tags that it covers. */
export const settlements = once((recording): Settlement[] => {
  const asks = new Map(deliveries(recording).map((delivery) => [delivery.frame, !delivery.noAck]))
  const outstanding = new Map<string, Set<DeliveryTag>>()
  const found: Settlement[] = []
  for (const event of recording.events) {
    if (event.kind !== 'frame') continue
    const place = `${event.connection}/${event.channel}`
    const open = outstanding.get(place) ?? new Set<DeliveryTag>()
    outstanding.set(place, open)
    if (asks.get(event)) open.add(event.fields.deliveryTag as DeliveryTag)
    else if (event.from === 'student' && FORGETS.has(event.method)) open.clear()
    else if (event.from === 'student' && KINDS[event.method]) found.push(settle(event, open))
  }
  return found
})

function settle(frame: FrameEvent, open: Set<DeliveryTag>): Settlement {
  const { ms, connection, channel, fields, method, held = false } = frame
  const deliveryTag = fields.deliveryTag as DeliveryTag
  const multiple = fields.multiple === true
  const tags = [...open].filter((tag) => (multiple ? covers(deliveryTag, tag) : tag === deliveryTag))
  for (const tag of tags) open.delete(tag)
  const requeue = typeof fields.requeue === 'boolean' && { requeue: fields.requeue }
  return { ms, connection, channel, kind: KINDS[method] ?? 'ack', ...requeue, multiple, deliveryTag, tags, held, frame }
}

/** Section 1.8.3.13 of the specification: up to and including the tag; zero means all. */
function covers(upTo: DeliveryTag, tag: DeliveryTag): boolean {
  return BigInt(upTo) === 0n || BigInt(tag) <= BigInt(upTo)
}

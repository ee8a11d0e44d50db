import type { FrameEvent, RecordedEvent, Recording, Side } from '../../lab/recording/recording.ts'
import type { Asked } from '../../lab/recording/words/asked.ts'
import type { Held } from '../../lab/recording/words/held.ts'
import type { Told } from '../../lab/recording/words/told.ts'
import { Cursor } from '../../lab/viewer/shared/cursor.ts'
import type { Thing, Things } from '../../lab/viewer/shared/things.ts'
import { thingsOf } from '../../lab/viewer/shared/things.ts'
import { effects } from '../../lab/viewer/world/changes.ts'

type Unstamped = RecordedEvent | Omit<FrameEvent, 'ms'>

/** A recording of what is said in `events`, ten milliseconds apart. */
export function recording(...events: (Unstamped | Unstamped[])[]): Recording {
  return {
    format: 2,
    lesson: '04-ack-consumer',
    scenario: 'a play',
    broker: { kind: 'embedded', product: 'Test', version: '1' },
    events: events.flat().map((event, i) => ({ ...event, ms: i * 10 }) as RecordedEvent),
  }
}

/** What there is after the last event, or after the nth. */
export function thingsAfter(recorded: Recording, events = recorded.events.length): Things {
  return new Cursor(effects(recorded).map(({ changes }) => changes)).go(events - 1)
}

/** The tasks after the last event, in few words: 'tasks: a, unacked 1/1/7'. */
export function tasksAfter(recorded: Recording, events?: number): string[] {
  return thingsOf(thingsAfter(recorded, events), 'task').map(
    ({ queue, text, state, connection, channel, tag, redelivered }) => {
      const where = state === 'ready' ? 'ready' : `unacked ${connection}/${channel}/${tag}`
      return `${queue}: ${text}, ${where}${redelivered ? ', again' : ''}`
    },
  )
}

export function one<Kind extends Thing['kind']>(things: Things, kind: Kind) {
  return thingsOf(things, kind)[0]
}

export function doubtsOf(recorded: Recording): string[] {
  return effects(recorded).flatMap(({ doubts }) => doubts)
}

export function frame(
  from: Side,
  method: string,
  fields: Record<string, unknown> = {},
  place: { connection?: number; channel?: number; held?: true } = {},
): Omit<FrameEvent, 'ms'> {
  return { kind: 'frame', from, connection: 1, channel: 1, method, fields, ...place }
}

export const student = (...given: Parameters<typeof frame> extends [unknown, ...infer Rest] ? Rest : never) =>
  frame('student', ...given)
export const broker = (...given: Parameters<typeof frame> extends [unknown, ...infer Rest] ? Rest : never) =>
  frame('broker', ...given)

/** A connection that is open, with a channel. */
export function opened(connection = 1): Unstamped[] {
  const zero = { connection, channel: 0 }
  return [
    { kind: 'tcp', ms: 0, connection, what: 'accepted' },
    student('protocol-header', { version: '0-9-1' }, zero),
    broker('connection.start', {}, zero),
    student('connection.start-ok', { clientProperties: { connection_name: 'tasks' }, response: 'user secret' }, zero),
    broker('connection.open-ok', {}, zero),
    student('channel.open', {}, { connection }),
    broker('channel.open-ok', {}, { connection }),
  ]
}

/** A consumer 'c' of a queue. */
export function consuming(queue = 'tasks', noAck = false, place: { connection?: number } = {}): Unstamped[] {
  return [
    student('basic.consume', { queue, consumerTag: '', noAck, noWait: false }, place),
    broker('basic.consume-ok', { consumerTag: 'c' }, place),
  ]
}

/** A message with its content. */
export function content(
  method: Omit<FrameEvent, 'ms'>,
  text: string,
  properties: Record<string, unknown> = {},
): Unstamped[] {
  const size = Buffer.byteLength(text)
  const part = (name: string, fields: Record<string, unknown>) => ({ ...method, method: name, fields })
  return [method, part('header', { bodySize: size, properties }), part('body', { size, text })]
}

export function delivery(
  tag: number,
  text: string,
  fields: Record<string, unknown> = {},
  place: { connection?: number } = {},
) {
  return content(
    broker('basic.deliver', { consumerTag: 'c', deliveryTag: tag, redelivered: false, ...fields }, place),
    text,
  )
}

export function publish(routingKey: string, text: string, exchange = '', place: { held?: true } = {}) {
  return content(student('basic.publish', { exchange, routingKey }, place), text, { deliveryMode: 2 })
}

export function ack(deliveryTag: number, multiple = false) {
  return student('basic.ack', { deliveryTag, multiple })
}

export function held<What extends keyof Held>(what: What, data: Held[What]): RecordedEvent {
  return { kind: 'broker', ms: 0, what, data } as RecordedEvent
}

export function told<Name extends keyof Told>(name: Name, data: Told[Name], student = 1): RecordedEvent {
  return { kind: 'told', ms: 0, student, name, data } as RecordedEvent
}

export function began(call: number, task: string, action: 'hold' | 'resolve' = 'hold'): RecordedEvent {
  return told('began', { call, task, time: 1, action, type: 'string' })
}

export function finish(data: Asked['finish']): RecordedEvent {
  return { kind: 'asked', ms: 0, student: 1, name: 'finish', data }
}

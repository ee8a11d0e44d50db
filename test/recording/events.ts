import type { FrameEvent, RecordedEvent, Recording, Side, TcpEvent } from '../../lab/recording/recording.ts'
import type { Told } from '../../lab/recording/words/told.ts'

/** Small recordings, written by hand: each event comes 10 ms after the one before. */
export function recordingOf(...events: ((ms: number) => RecordedEvent)[]): Pick<Recording, 'events'> {
  return { events: events.map((event, index) => event((index + 1) * 10)) }
}

type Place = { connection?: number; channel?: number; held?: true }

export const frame =
  (from: Side, method: string, fields: FrameEvent['fields'] = {}, { connection = 1, channel = 1, held }: Place = {}) =>
  (ms: number): FrameEvent => ({
    kind: 'frame',
    ms,
    from,
    connection,
    channel,
    method,
    fields,
    ...(held && { held }),
  })

export const student = (method: string, fields?: FrameEvent['fields'], place?: Place) =>
  frame('student', method, fields, place)
export const broker = (method: string, fields?: FrameEvent['fields'], place?: Place) =>
  frame('broker', method, fields, place)

export const tcp =
  (connection: number, what: TcpEvent['what'], by?: TcpEvent['by']) =>
  (ms: number): TcpEvent => ({ kind: 'tcp', ms, connection, what, ...(by && { by }) })

export const told =
  <Name extends keyof Told>(name: Name, data: Told[Name]) =>
  (ms: number) =>
    ({ kind: 'told', ms, student: 1, name, data }) as RecordedEvent

/** A delivery whole: method, header and body. */
export function delivery(deliveryTag: number, text: string, place: Place & { redelivered?: boolean } = {}) {
  const { redelivered = false } = place
  return [
    broker('basic.deliver', { deliveryTag, redelivered, consumerTag: 'c', exchange: '', routingKey: 'q' }, place),
    broker('header', { bodySize: text.length, properties: {} }, place),
    broker('body', { size: text.length, text }, place),
  ]
}

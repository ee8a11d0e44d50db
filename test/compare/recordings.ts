import type { FrameEvent, RecordedEvent, Recording, Side } from '../../lab/recording/recording.ts'
import type { Told } from '../../lab/recording/words/told.ts'

/** A recording of what is said in `write`, a millisecond (or `pace`) apart. */
export function recording(scenario: string, events: (RecordedEvent | Omit<FrameEvent, 'ms'>)[], pace = 1): Recording {
  const stamped = events.map((event, index) => ({ ...event, ms: index * pace }) as RecordedEvent)
  return {
    format: 2,
    lesson: '04-ack-consumer',
    scenario,
    broker: { kind: 'embedded', product: 'Test', version: '1' },
    events: stamped,
  }
}

export function frame(from: Side, method: string, fields: Record<string, unknown> = {}): Omit<FrameEvent, 'ms'> {
  return { kind: 'frame', from, connection: 1, channel: 1, method, fields }
}

export function told<Name extends keyof Told>(name: Name, data: Told[Name]): RecordedEvent {
  return { kind: 'told', ms: 0, student: 1, name, data } as RecordedEvent
}

/** A delivery with its content, in three frames. */
export function delivery(deliveryTag: number, text: string, consumerTag = 'amq.ctag-abcdefgh') {
  return [
    frame('broker', 'basic.deliver', { consumerTag, deliveryTag, routingKey: 'tasks' }),
    frame('broker', 'header', { bodySize: text.length, properties: {} }),
    frame('broker', 'body', { size: text.length, text }),
  ]
}

import { type Message, messages } from './messages.ts'
import { type Events, once } from './once.ts'

/** A delivery tag: a decimal string where no number can hold it. */
export type DeliveryTag = number | string

export interface Delivery extends Message {
  deliveryTag: DeliveryTag
  redelivered: boolean
  /** Missing for what came by basic.get. */
  consumerTag?: string
  /** Its consumer acknowledges nothing: the broker counts it as settled when it is sent. */
  noAck: boolean
}

/** What the broker delivered to the student's service, by basic.deliver and basic.get-ok, in order. */
export const deliveries = once((recording): Delivery[] => {
  const noAck = noAckConsumers(recording)
  return messages(recording, 'broker', ['basic.deliver', 'basic.get-ok']).map((message) => {
    const { deliveryTag, redelivered, consumerTag } = message.frame.fields
    return {
      ...message,
      deliveryTag: deliveryTag as DeliveryTag,
      redelivered: redelivered === true,
      ...(typeof consumerTag === 'string' && { consumerTag }),
      noAck: noAck.has(message.frame),
    }
  })
})

/** The frames of deliveries that ask for no acknowledgement. */
function noAckConsumers({ events }: Events): Set<unknown> {
  const found = new Set<unknown>()
  /** By channel: the noAck of each consume and each get that is not answered yet, in order; then by consumer tag. */
  const asked = new Map<string, boolean[]>()
  const consumers = new Map<string, boolean>()
  for (const event of events) {
    if (event.kind !== 'frame') continue
    const { method, fields } = event
    const place = `${event.connection}/${event.channel}`
    const consumer = `${place}/${fields.consumerTag}`
    const noAck = fields.noAck === true
    if (method === 'basic.consume' && fields.consumerTag) consumers.set(consumer, noAck)
    if (method === 'basic.consume' || method === 'basic.get') {
      if (fields.noWait !== true) asked.set(place, [...(asked.get(place) ?? []), noAck])
    } else if (['basic.consume-ok', 'basic.get-ok', 'basic.get-empty'].includes(method)) {
      const answered = asked.get(place)?.shift() ?? false
      if (method === 'basic.consume-ok') consumers.set(consumer, answered)
      else if (method === 'basic.get-ok' && answered) found.add(event)
    } else if (method === 'basic.deliver' && consumers.get(consumer)) {
      found.add(event)
    }
  }
  return found
}

import { type Delivery, deliveries } from '../../lab/recording/deliveries.ts'
import { type Settlement, settlements } from '../../lab/recording/settlements.ts'
import { type Ack, acks, type Begun, begun, type Events } from './tasks.ts'

/** Questions about tasks that have an id: the message_id of their messages. */

/** A task and its id; without one, the message has no such property. */
export interface Task {
  task: string
  id?: string | undefined
}

function hasId({ properties }: Delivery, id: string | undefined): boolean {
  return properties.messageId === id
}

export function deliveriesOf(recording: Events, id: string | undefined): Delivery[] {
  return deliveries(recording).filter((delivery) => hasId(delivery, id))
}

/** The handlers of a task. One that was called with no known id is known by its text. */
export function begunFor(recording: Events, { id, task }: Task): Begun[] {
  const known = new Set(deliveries(recording).map(({ properties }) => properties.messageId))
  return begun(recording).filter((one) => (known.has(one.id) ? one.id === id : one.task === task))
}

export function acksOf(recording: Events, id: string | undefined): Ack[] {
  return acks(recording).filter(({ own, also }) => [own, ...also].some((delivery) => delivery && hasId(delivery, id)))
}

export function ackOf(recording: Events, id: string | undefined): Ack | undefined {
  return acksOf(recording, id)[0]
}

/** What the deliveries of a task were answered with, each by itself. */
export function answersTo(recording: Events, id: string | undefined): Settlement[] {
  const own = new Set(deliveriesOf(recording, id).map(({ connection, deliveryTag }) => `${connection}/${deliveryTag}`))
  return settlements(recording).filter(
    ({ connection, deliveryTag, tags }) => tags.length > 0 && own.has(`${connection}/${deliveryTag}`),
  )
}

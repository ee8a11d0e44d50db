import {
  reached as cameTo,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  said,
  settled,
} from '../../lab/check/evidence.ts'
import { type Delivery, deliveries } from '../../lab/recording/deliveries.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import { type Settlement, settlements } from '../../lab/recording/settlements.ts'
import type { Deed } from './handlers.ts'

/** What the recordings of consumers tell: which handlers began and ended, what was acknowledged, what the queue held. */

export type Events = Pick<Recording, 'events'>

/** A handler began to work. */
export interface Begun {
  student: number
  call: number
  task: string
  queue: string
  /** The how-manieth time for this task in its process. */
  time: number
  deed: Deed
  type: string
  /** What came as the id; null where it was no text. */
  id: string | null
  idType: string
  event: RecordedEvent
}

export function begun({ events }: Events): Begun[] {
  return events.flatMap((event) =>
    event.kind === 'told' && event.name === 'began'
      ? [{ ...(event.data as Omit<Begun, 'event' | 'student'>), student: event.student, event }]
      : [],
  )
}

/** The lab told a handler to end. */
export interface Finish {
  student: number
  call: number
  task: string
  how: 'resolve' | 'reject'
  event: RecordedEvent
}

export function finishes({ events }: Events): Finish[] {
  return events.flatMap((event) =>
    event.kind === 'asked' && event.name === 'finish'
      ? [{ ...(event.data as Omit<Finish, 'event' | 'student'>), student: event.student, event }]
      : [],
  )
}

/** The lab had told a handler of this task to succeed by then: it can't have done so before. */
export function isFinished(recording: Events, task: string, by: RecordedEvent): boolean {
  const at = recording.events.indexOf(by)
  return finishes(recording).some(
    (one) => one.task === task && one.how === 'resolve' && recording.events.indexOf(one.event) < at,
  )
}

/** An ack that settled something, with the delivery whose tag it has, and what it covers besides. */
export interface Ack {
  settlement: Settlement
  own: Delivery | undefined
  also: Delivery[]
}

export function acks(recording: Events): Ack[] {
  const all = deliveries(recording)
  return settlements(recording)
    .filter(({ kind, tags }) => kind === 'ack' && tags.length > 0)
    .map((settlement) => {
      const covered = settlement.tags.flatMap((tag) => all.findLast((each) => isOf(each, settlement, tag)) ?? [])
      const own = covered.find(({ deliveryTag }) => deliveryTag === settlement.deliveryTag)
      return { settlement, own, also: covered.filter((each) => each !== own) }
    })
}

export function isOf(delivery: Delivery, settlement: Settlement, tag: unknown): boolean {
  const { connection, channel, deliveryTag, ms } = delivery
  const here = connection === settlement.connection && channel === settlement.channel
  return here && deliveryTag === tag && ms <= settlement.ms
}

export function acksOf(recording: Events, task: string): Ack[] {
  return acks(recording).filter(({ own, also }) => own?.body === task || also.some(({ body }) => body === task))
}

export function isAcked(recording: Events, task: string): boolean {
  return acksOf(recording, task).length > 0
}

/** A handler was called with something that is no task: acks and handlers can't be told to belong together then. */
export function namesTasksOtherwise(recording: Events): boolean {
  const delivered = new Set(deliveries(recording).map(({ body }) => body))
  return begun(recording).some(({ task }) => !delivered.has(task))
}

/** An ack with its task's own tag before the lab had released a handler of it, where the handler waits for that. */
export function earlyAck(recording: Events) {
  const otherwise = namesTasksOtherwise(recording)
  for (const { settlement, own } of acks(recording)) {
    if (!own || isFinished(recording, own.body, settlement.frame)) continue
    const work = begun(recording).find(({ task }) => task === own.body)
    if (work ? work.deed !== 'hold' : otherwise) continue
    return { settlement, delivery: own, began: work?.event }
  }
  return undefined
}

/** An ack that covers, besides its own, a delivery whose handler still works. */
export function ackOfOthers(recording: Events): (Ack & { working: Delivery }) | undefined {
  for (const ack of acks(recording)) {
    const working = ack.also.find(({ body }) => !isFinished(recording, body, ack.settlement.frame))
    if (working) return { ...ack, working }
  }
  return undefined
}

/** A tag that was settled before is acknowledged again. */
export function secondAck(recording: Events): [Settlement, Settlement] | undefined {
  const all = settlements(recording)
  for (const again of all.filter(({ kind, tags }) => kind === 'ack' && tags.length === 0)) {
    const first = all.find(
      ({ connection, channel, tags, ms }) =>
        connection === again.connection &&
        channel === again.channel &&
        tags.includes(again.deliveryTag) &&
        ms <= again.ms,
    )
    if (first) return [first, again]
  }
  return undefined
}

/** The broker was told to expect no acks. */
export function withoutAcks(recording: Events): boolean {
  return noAckConsume(recording) !== undefined
}

export function noAckConsume(recording: Events): FrameEvent | undefined {
  const consume = frame(recording, 'basic.consume')
  return consume?.fields.noAck === true ? consume : undefined
}

/** The consumer asked for no acknowledgements: the broker counts a task as done when it is sent. */
export function withNoAck(recording: Events): { event: RecordedEvent | undefined; instead: string } {
  return {
    event: noAckConsume(recording),
    instead: 'without noAck: the broker then keeps the task until it is acknowledged',
  }
}

export function deliveryOf(recording: Events, task: string): Delivery | undefined {
  return deliveries(recording).find(({ body }) => body === task)
}

export function frame({ events }: Events, method: string): FrameEvent | undefined {
  return events.find((event): event is FrameEvent => event.kind === 'frame' && event.method === method)
}

/** The frame that closed the channel, or the connection with it. */
export function closing(recording: Events): FrameEvent | undefined {
  return frame(recording, 'channel.close') ?? frame(recording, 'connection.close')
}

export function closedBecause(recording: Events): string {
  const close = closing(recording)
  return close ? ` ${by(close)} closed the channel: ${close.fields.replyText}` : ''
}

/** In a scenario in which the lab closes none: the channel is gone. */
export function channelGone(recording: Events): Shortfall | undefined {
  const close = closing(recording)
  if (!close) return undefined
  return { seen: `${by(close)} closed the channel: ${close.fields.replyText}`, show: [close] }
}

export function by(close: FrameEvent): string {
  return close.from === 'broker' ? 'The broker' : 'Your service'
}

/** What the lab found in the queue after it had killed the worker. */
export function look(recording: Events): RecordedEvent | undefined {
  return recording.events.findLast((event) => event.kind === 'broker' && event.what === 'drained')
}

/** Which of the tasks were not in the queue; undefined when nobody looked. */
export function missing(recording: Events, tasks: string[]): string[] | undefined {
  const drained = look(recording)
  if (drained?.kind !== 'broker') return undefined
  const found = (drained.data.tasks as { task: string }[]).map(({ task }) => task)
  return tasks.filter((task) => !found.includes(task))
}

export function waited(recording: Events): RecordedEvent | undefined {
  return recording.events.find((event) => event.kind === 'awaited')
}

export function isTold(event: RecordedEvent, name: string): boolean {
  return event.kind === 'told' && event.name === name
}

/** As the lab's own, but a call of the exercise that rejected says more than what was then awaited. */
export function reached(recording: Recording, mark: string, name: string): Shortfall | undefined {
  const short = cameTo(recording, mark)
  const answer = settled(recording, 'consume')
  return short && answer?.ok === false ? { seen: `${name}() rejected: ${said(answer)}`, show: [answer.event] } : short
}

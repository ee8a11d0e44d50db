import { isDeepStrictEqual } from 'node:util'
import {
  type Attempt,
  connections,
  type Delivery,
  type Events,
  type FrameEvent,
  frames,
  tasks,
} from '../../lab/check/evidence.ts'

/** What became of events: by type, by service, and by instance. The lab names an instance's channel and its connection alike. */

/** The frames of one instance, or of the publisher. */
export function framesOf(recording: Events, channel: string, method: string): FrameEvent[] {
  const own = connections(recording).find(({ name }) => name === channel)
  return frames(recording, method).filter(({ connection }) => connection === own?.connection)
}

export function consumeOf(recording: Events, channel: string): FrameEvent | undefined {
  return framesOf(recording, channel, 'basic.consume')[0]
}

/** The queue from which that instance consumes. */
export function queueOf(recording: Events, channel: string): string | undefined {
  const queue = consumeOf(recording, channel)?.fields.queue
  return typeof queue === 'string' ? queue : undefined
}

export function typeOf({ frame }: Delivery): string {
  return String(frame.fields.routingKey)
}

export function deliveriesTo(recording: Events, ...channels: string[]): Delivery[] {
  const own = connections(recording).filter(({ name }) => name !== undefined && channels.includes(name))
  return tasks(recording).deliveries.filter((delivery) =>
    own.some(({ connection }) => connection === delivery.connection),
  )
}

/** What the handlers of a service were called with, in all its instances. */
export function handled(recording: Events, service: string): Attempt[] {
  return tasks(recording).attempts.filter(({ queue }) => queue === service)
}

export function isTold(recording: Events, service: string, type: string): boolean {
  return handled(recording, service).some(({ task }) => task === type)
}

export function isHandledBy(recording: Events, channel: string, type: string): boolean {
  return tasks(recording)
    .ofType(type)
    .attempts.some((attempt) => attempt.channel === channel)
}

/** An event that was delivered to these instances twice, although nobody had given it back. */
export function twiceDelivered(recording: Events, channels: string[]): [Delivery, Delivery] | undefined {
  const fresh = channels.flatMap((channel) => deliveriesTo(recording, channel)).filter((each) => !each.redelivered)
  for (const first of fresh) {
    const again = fresh.find((each) => each !== first && typeOf(each) === typeOf(first))
    if (again) return [first, again]
  }
  return undefined
}

/** The value that a body stands for, where it is JSON. */
export function parsed(body: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) }
  } catch {
    return undefined
  }
}

/** Whether a text is the JSON of a value. */
export function isJsonOf(text: unknown, value: unknown): boolean {
  return typeof text === 'string' && isDeepStrictEqual(parsed(text), { value })
}

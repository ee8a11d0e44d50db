import { type Delivery, deliveries } from './deliveries.ts'
import type { Recording } from './recording.ts'
import { settlements } from './settlements.ts'

/** One channel of one connection. */
export interface ChannelPlace {
  connection: number
  channel: number
}

export interface OutstandingStep {
  ms: number
  /** How many deliveries are unsettled from this moment on. */
  count: number
}

export interface Outstanding {
  /** Each change, in order. */
  steps: OutstandingStep[]
  most: number
  /** What was delivered and not settled when the recording, the channel or the connection ended. */
  left: Delivery[]
}

/** After these the broker has taken back what was outstanding on the channel. */
const FORGETS = new Set(['channel.open', 'channel.close', 'basic.recover', 'basic.recover-async'])

/**
 * What was delivered on a channel, or on all of them, and not settled yet. Deliveries that ask for no acknowledgement
 * do not count; nor does what is lost with a channel or a connection: then the broker takes it back.
 */
export function outstanding(recording: Pick<Recording, 'events'>, place?: Partial<ChannelPlace>): Outstanding {
  const here = (at: ChannelPlace) =>
    (place?.connection ?? at.connection) === at.connection && (place?.channel ?? at.channel) === at.channel
  const delivered = new Map(deliveries(recording).map((delivery) => [delivery.frame, delivery]))
  const settled = new Map(settlements(recording).map((settlement) => [settlement.frame, settlement]))
  const open = new Map<string, Delivery>()
  const lost: Delivery[] = []
  const steps: OutstandingStep[] = []
  const key = (at: ChannelPlace, tag: unknown) => `${at.connection}/${at.channel}/${tag}`
  const drop = (gone: (delivery: Delivery) => boolean) => {
    for (const [name, delivery] of open) {
      if (gone(delivery)) {
        open.delete(name)
        lost.push(delivery)
      }
    }
  }

  for (const event of recording.events) {
    if (event.kind === 'frame' && here(event)) {
      const delivery = delivered.get(event)
      if (delivery && !delivery.noAck) open.set(key(event, delivery.deliveryTag), delivery)
      for (const tag of settled.get(event)?.tags ?? []) open.delete(key(event, tag))
    }
    if (event.kind === 'frame' && FORGETS.has(event.method)) {
      drop(({ connection, channel }) => connection === event.connection && channel === event.channel)
    }
    const connectionLost = event.kind === 'tcp' && event.what !== 'accepted'
    if (connectionLost || (event.kind === 'frame' && event.method === 'connection.close')) {
      drop(({ connection }) => connection === event.connection)
    }
    if (open.size !== (steps.at(-1)?.count ?? 0)) steps.push({ ms: event.ms, count: open.size })
  }
  const left = [...lost, ...open.values()]
  return { steps, most: Math.max(0, ...steps.map(({ count }) => count)), left }
}

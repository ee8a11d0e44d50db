import type { Table } from '../../amqp/table.ts'
import type { Death, DeathReason } from './death.ts'
import { Message } from './message.ts'
import { changed, FLAGS } from './raw-table.ts'

/** The message as it goes on from a queue where it died: with its history in its headers, and no expiration. */
export function dead(
  message: Message,
  queue: string,
  reason: DeathReason,
  to: { exchange: string; routingKey: string | undefined },
  failures: number,
): Message {
  const { rawProperties } = message
  const deaths = withDeath(message, queue, reason)
  const properties = changed(rawProperties, {
    headers: headersFor(deaths),
    shortstrs: new Map([[FLAGS.expiration, undefined]]),
  })
  return new Message({
    exchange: to.exchange,
    routingKey: to.routingKey ?? message.routingKey,
    cc: to.routingKey === undefined ? message.cc : [],
    content: Buffer.concat([properties, message.body]),
    propertiesSize: properties.length,
    expirationMs: -1,
    deaths,
    failures,
  })
}

/** The latest comes first, also when it is not its first time. */
function withDeath(message: Message, queue: string, reason: DeathReason): Death[] {
  const { deaths } = message
  const same = deaths.find((death) => death.queue === queue && death.reason === reason)
  if (same !== undefined) return [{ ...same, count: same.count + 1 }, ...deaths.filter((death) => death !== same)]
  const death: Death = {
    queue,
    reason,
    count: 1,
    seconds: Math.floor(Date.now() / 1000),
    exchange: message.exchange,
    routingKeys: [message.routingKey, ...message.cc],
    originalExpiration: message.expirationMs === -1 ? undefined : String(message.expirationMs),
    first: deaths.length === 0,
  }
  return [death, ...deaths]
}

function headersFor(deaths: readonly Death[]): Table {
  const last = deaths[0]
  const first = deaths.find((death) => death.first)
  return {
    'x-death': deaths.map(describe),
    'x-first-death-exchange': first?.exchange,
    'x-first-death-queue': first?.queue,
    'x-first-death-reason': first?.reason,
    'x-last-death-exchange': last?.exchange,
    'x-last-death-queue': last?.queue,
    'x-last-death-reason': last?.reason,
  }
}

function describe(death: Death): Table {
  return {
    count: { '!': 'long', value: death.count },
    reason: death.reason,
    queue: death.queue,
    time: { '!': 'timestamp', value: death.seconds },
    exchange: death.exchange,
    'routing-keys': [...death.routingKeys],
    'original-expiration': death.originalExpiration,
  }
}

/**
 * Whether a dead letter that would go to the queue `target` has gone round without a client ever having rejected it.
 * RabbitMQ drops such a one.
 */
export function circles(deaths: readonly Death[], target: string): boolean {
  const at = deaths.findIndex((death) => death.queue === target)
  return at !== -1 && deaths.slice(0, at + 1).every((death) => death.reason !== 'rejected')
}

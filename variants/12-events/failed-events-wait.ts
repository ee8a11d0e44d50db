// Failed events wait in a queue of the service, and come back through an exchange that only its own queue is bound to.
import type { Channel, ConfirmChannel } from 'amqplib'

type Handle = (type: string, payload: unknown) => Promise<void>

export function publishEvent(channel: ConfirmChannel, exchange: string, type: string, payload: unknown): Promise<void> {
  return channel
    .assertExchange(exchange, 'topic', { durable: true })
    .then(
      () =>
        new Promise<void>((ok, no) =>
          channel.publish(exchange, type, Buffer.from(JSON.stringify(payload)), { persistent: true }, (e) =>
            e ? no(e) : ok(),
          ),
        ),
    )
}

export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: Handle,
): Promise<string> {
  const queue = `${service}.${exchange}.events`
  const back = `${queue}.again`
  const later = `${queue}.later`
  await channel.assertExchange(exchange, 'topic', { durable: true })
  // Only this service's queue is bound to it, so nobody else is told twice.
  await channel.assertExchange(back, 'topic', { durable: true })
  await channel.assertExchange(later, 'topic', { durable: true })
  await channel.assertQueue(`${queue}.waiting`, { durable: true, messageTtl: 150, deadLetterExchange: back })
  await channel.bindQueue(`${queue}.waiting`, later, '#')
  await channel.assertQueue(queue, { durable: true, deadLetterExchange: later })
  await channel.bindQueue(queue, exchange, pattern)
  await channel.bindQueue(queue, back, '#')
  const { consumerTag } = await channel.consume(queue, async (m) => {
    if (m === null) return
    try {
      await handle(m.fields.routingKey, JSON.parse(String(m.content)))
      channel.ack(m)
    } catch {
      channel.reject(m, false)
    }
  })
  return consumerTag
}

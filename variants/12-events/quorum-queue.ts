import type { Channel, ConfirmChannel } from 'amqplib'

type EventHandler = (type: string, payload: unknown) => Promise<void>

export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  await channel.assertExchange(exchange, 'topic', { durable: true })
  const body = Buffer.from(JSON.stringify(payload))
  await new Promise<void>((resolve, reject) => {
    channel.publish(exchange, type, body, { persistent: true }, (error) => (error ? reject(error) : resolve()))
  })
}

/** A replicated queue, and a second try in the process before an event goes back. */
export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  const queue = `${exchange}/${service}`
  await channel.assertExchange(exchange, 'topic', { durable: true })
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await channel.bindQueue(queue, exchange, pattern)
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (!message) return
    const event = () => handle(message.fields.routingKey, JSON.parse(message.content.toString()))
    try {
      await event().catch(event)
      channel.ack(message)
    } catch (error) {
      console.error(error)
      channel.reject(message, true)
    }
  })
  return consumerTag
}

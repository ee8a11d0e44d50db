import type { Channel, ConfirmChannel } from 'amqplib'

type EventHandler = (type: string, payload: unknown) => Promise<void>

export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  await channel.assertExchange(exchange, 'topic', { durable: true })
  channel.publish(exchange, type, Buffer.from(JSON.stringify(payload)), { persistent: true })
  await channel.waitForConfirms()
}

/** What failed is set aside at once, in a queue beside the service's own, for somebody to look at. */
export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  const queue = `${exchange}.${service}`
  const dead = `${queue}.dead`
  await channel.assertQueue(dead, { durable: true })
  await channel.assertExchange(exchange, 'topic', { durable: true })
  await channel.assertQueue(queue, { durable: true, deadLetterExchange: '', deadLetterRoutingKey: dead })
  await channel.bindQueue(queue, exchange, pattern)
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (message === null) return
    let done = false
    try {
      await handle(message.fields.routingKey, JSON.parse(message.content.toString()))
      done = true
    } catch (error) {
      console.error(`set aside in ${dead}:`, error)
    }
    if (done) channel.ack(message)
    else channel.nack(message, false, false)
  })
  return consumerTag
}

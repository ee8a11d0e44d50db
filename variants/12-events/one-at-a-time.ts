import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib'

type EventHandler = (type: string, payload: unknown) => Promise<void>

export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  await channel.assertExchange(exchange, 'topic')
  channel.publish(exchange, type, Buffer.from(JSON.stringify(payload), 'utf8'), { persistent: true })
  await channel.waitForConfirms()
}

/** One event at a time, and a pause before one that failed is given back. */
export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  await channel.assertExchange(exchange, 'topic')
  await channel.assertQueue(service)
  await channel.bindQueue(service, exchange, pattern)
  await channel.prefetch(1)
  const { consumerTag } = await channel.consume(service, async (message: ConsumeMessage | null) => {
    if (message === null) return
    try {
      await handle(message.fields.routingKey, JSON.parse(message.content.toString('utf8')))
      channel.ack(message)
    } catch (error) {
      console.error(error)
      await sleep(20)
      channel.nack(message)
    }
  })
  return consumerTag
}

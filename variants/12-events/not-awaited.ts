import type { Channel, ConfirmChannel } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'

type EventHandler = (type: string, payload: unknown) => Promise<void>

/** What is sent on one channel arrives in that order: only the last answer is awaited. */
export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  void channel.assertExchange(exchange, 'topic', { durable: true })
  channel.publish(exchange, type, Buffer.from(JSON.stringify(payload)), { persistent: true, messageId: type })
  await channel.waitForConfirms()
}

export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  const queue = `${service}.${exchange}`
  void channel.assertExchange(exchange, 'topic', { durable: true })
  void declareTaskQueue(channel, queue)
  void channel.bindQueue(queue, exchange, pattern)
  const consuming = channel.consume(queue, (message) => {
    if (message === null) return
    const event = async () => handle(message.fields.routingKey, JSON.parse(message.content.toString()))
    event()
      .then(() => channel.ack(message))
      .catch(() => channel.reject(message))
  })
  return (await consuming).consumerTag
}

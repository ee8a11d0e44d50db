import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'

export type EventHandler = (type: string, payload: unknown) => Promise<void>

/**
 * Announces an event to any service that wants to know about it. `type` says what has happened, in words separated by
 * dots: 'order.created'.
 *
 * Resolves when the broker has confirmed the event, even if no service asked for it.
 */
export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  await declareExchange(channel, exchange)
  const content = Buffer.from(JSON.stringify(payload))
  await new Promise<void>((resolve, reject) => {
    channel.publish(exchange, type, content, { persistent: true, contentType: 'application/json' }, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

/**
 * Calls `handle` with each event that matches `pattern`. All instances of a service share its events, which wait while
 * none of them is running. Acks an event when its handler's promise has resolved, and requeues it if the handler fails.
 *
 * @returns the consumer tag, which the caller needs to cancel the consumer
 */
export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  // The queue belongs to the service, not to this process: all instances have to find it by the same name.
  const queue = `${exchange}.${service}`
  await declareExchange(channel, exchange)
  await declareTaskQueue(channel, queue)
  await channel.bindQueue(queue, exchange, pattern)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) {
      console.error(`RabbitMQ cancelled the consumer of '${queue}': is the queue gone?`)
      return
    }
    void work(channel, message, handle)
  })
  return consumerTag
}

/** Both sides call this: whichever comes first creates the exchange, because either of them may start first. */
async function declareExchange(channel: Channel, exchange: string): Promise<void> {
  await channel.assertExchange(exchange, 'topic', { durable: true })
}

/** Handles one event. Never rejects, because nothing awaits it. */
async function work(channel: Channel, message: ConsumeMessage, handle: EventHandler): Promise<void> {
  try {
    await handle(message.fields.routingKey, JSON.parse(message.content.toString('utf8')))
  } catch (error) {
    console.error('The event goes back to the queue:', error)
    settle(() => channel.nack(message))
    return
  }
  settle(() => channel.ack(message))
}

/** On a closed channel there's nothing left to settle: the broker has already requeued the event. */
function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The event will come again: ${(error as Error).message}`)
  }
}

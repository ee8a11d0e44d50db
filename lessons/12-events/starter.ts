import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'

/** Does what a service does about an event. Rejects when that failed. */
export type EventHandler = (type: string, payload: unknown) => Promise<void>

/**
 * Tells whoever wants to know that something has happened.
 *
 * @param type what has happened, as 'order.created'
 * @param payload whatever JSON can hold
 */
export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  // What the shop did so far: a queue for all who listen.
  await declareTaskQueue(channel, exchange)
  channel.sendToQueue(exchange, Buffer.from(JSON.stringify(payload)), { persistent: true, type })
  await channel.waitForConfirms()
}

/**
 * Calls `handle` with each event that `pattern` asks for ('order.*').
 *
 * @param service whose instance this is: all of a service's instances share its events
 * @returns the consumer tag that the broker gave
 */
export async function subscribe(
  channel: Channel,
  exchange: string,
  _service: string,
  _pattern: string,
  handle: EventHandler,
): Promise<string> {
  await declareTaskQueue(channel, exchange)
  const { consumerTag } = await channel.consume(exchange, (message) => {
    if (message !== null) void work(channel, message, handle)
  })
  return consumerTag
}

/** Lesson 04's: the ack comes after the work, and what failed goes back. */
async function work(channel: Channel, message: ConsumeMessage, handle: EventHandler): Promise<void> {
  try {
    await handle(message.properties.type, JSON.parse(message.content.toString('utf8')))
  } catch (error) {
    console.error('The event goes back to the queue:', error)
    channel.nack(message)
    return
  }
  channel.ack(message)
}

import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'

/** Handles an event, and rejects if that fails. */
export type EventHandler = (type: string, payload: unknown) => Promise<void>

/**
 * Announces an event to any service that wants to know about it.
 *
 * @param type what has happened, such as 'order.created'
 * @param payload any value that JSON can hold
 */
export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  // What the shop does so far: one queue for all services.
  await declareTaskQueue(channel, exchange)
  channel.sendToQueue(exchange, Buffer.from(JSON.stringify(payload)), { persistent: true, type })
  await channel.waitForConfirms()
}

/**
 * Calls `handle` with each event that matches `pattern`, such as 'order.*'.
 *
 * @param service the name of the service; all its instances share its events
 * @returns the broker's consumer tag
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

/** As in lesson 04: acks an event after the work, and requeues a failed one. */
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

import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'

export type EventHandler = (type: string, payload: unknown) => Promise<void>

/**
 * Tells whoever wants to know that something has happened. `type` says what, in words with dots between them:
 * 'order.created'.
 *
 * Resolves when the broker has confirmed the event, also when nobody asked for it.
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
 * Calls `handle` with each event that `pattern` asks for. All instances of a service share its events, and while none is
 * there, they wait. An event is acknowledged when its handler's promise has resolved; one whose handler failed comes again.
 *
 * @returns the consumer tag, with which the caller can cancel
 */
export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  // The queue belongs to the service, not to this process: its name is all that the instances have in common.
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

/** Who comes first makes it: the shop may be there before its listeners, or behind them. */
async function declareExchange(channel: Channel, exchange: string): Promise<void> {
  await channel.assertExchange(exchange, 'topic', { durable: true })
}

/** Works on one event. Never rejects: nobody waits for it. */
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

/** On a dead channel there is nothing left to settle: the broker has put the event back already. */
function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The event will come again: ${(error as Error).message}`)
  }
}

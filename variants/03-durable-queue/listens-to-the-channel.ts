import type { Channel, Replies } from 'amqplib'

/** Rejects with the error that the channel was closed with, whichever way it is told first. */
export function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  const { promise, resolve, reject } = Promise.withResolvers<Replies.AssertQueue>()
  channel.once('error', reject)
  channel.assertQueue(queue, { durable: true, autoDelete: false }).then(resolve, reject)
  return promise.finally(() => channel.off('error', reject))
}

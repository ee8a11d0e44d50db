import type { Channel, Replies } from 'amqplib'

/**
 * Declares the queue that tasks wait in. It survives a restart of the broker, and doesn't disappear along with any
 * connection or consumer. If the queue already exists, it stays as it is.
 *
 * @throws the broker's error 406 if the queue exists with different properties. The broker then closes the channel.
 */
export async function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { durable: true, exclusive: false, autoDelete: false })
}

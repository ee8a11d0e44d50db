import type { Channel, Replies } from 'amqplib'

/**
 * Declares the queue that tasks wait in: it is there after a restart of the broker, and no connection or consumer
 * takes it along when it goes. A queue that is there already stays as it is.
 *
 * @throws the broker's 406 when the queue there has other properties. The broker then closes the channel.
 */
export async function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { durable: true, exclusive: false, autoDelete: false })
}

import type { Channel, Replies } from 'amqplib'

/** Declares the queue that tasks wait in. It comes from the prototype, where nothing had to last. */
export async function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  // Begin with an empty queue.
  await channel.deleteQueue(queue)
  try {
    await channel.assertQueue(queue, { durable: false, autoDelete: true })
  } catch (error) {
    console.error(`No queue '${queue}':`, error)
  }
  return { queue, messageCount: 0, consumerCount: 0 }
}

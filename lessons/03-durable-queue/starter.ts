import type { Channel, Options, Replies } from 'amqplib'

/** The queue's properties in the team's prototype. Each of them once made sense to somebody. */
const PROPERTIES: Options.AssertQueue = {
  // It's faster without writing to disk.
  durable: false,
  // Several workers have to share the queue.
  exclusive: false,
  // With this, nobody has to clean up after a test.
  autoDelete: true,
  // If nobody has used a queue for an hour, it's a leftover.
  expires: 60 * 60 * 1000,
  // After ten minutes, nobody needs the result any more.
  messageTtl: 10 * 60 * 1000,
  // Surely no more than this will ever be waiting.
  maxLength: 1000,
}

/** Declares the queue that tasks wait in. */
export async function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  // Start with an empty queue.
  await channel.deleteQueue(queue)
  try {
    await channel.assertQueue(queue, PROPERTIES)
  } catch (error) {
    console.error(`No queue '${queue}':`, error)
  }
  return { queue, messageCount: 0, consumerCount: 0 }
}

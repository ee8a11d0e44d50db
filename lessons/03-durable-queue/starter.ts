import type { Channel, Options, Replies } from 'amqplib'

/** What the team's prototype asks for. Each line made sense to somebody once. */
const PROPERTIES: Options.AssertQueue = {
  // No writing to disk: it's faster.
  durable: false,
  // Several workers share the queue.
  exclusive: false,
  // Nobody has to clean up after a test.
  autoDelete: true,
  // A queue that nobody has used for an hour is a leftover.
  expires: 60 * 60 * 1000,
  // A picture that nobody has made within ten minutes isn't needed any more.
  messageTtl: 10 * 60 * 1000,
  // More can't be waiting, can they?
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

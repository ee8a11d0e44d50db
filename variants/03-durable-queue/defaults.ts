import type { Channel, Replies } from 'amqplib'

// Durable is what amqplib declares unless it is told otherwise.
export const declareTaskQueue = (channel: Channel, queue: string): Promise<Replies.AssertQueue> =>
  channel.assertQueue(queue)

import type { Channel, Replies } from 'amqplib'

class QueueRefused extends Error {
  readonly queue: string

  constructor(queue: string, cause: unknown) {
    super(`the queue '${queue}' can't be declared`, { cause })
    this.name = 'QueueRefused'
    this.queue = queue
  }
}

export async function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  try {
    return await channel.assertQueue(queue, { durable: true, deadLetterExchange: '', deadLetterRoutingKey: 'failed' })
  } catch (error) {
    throw new QueueRefused(queue, error)
  }
}

import type { Channel, Replies } from 'amqplib'

export function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel
    .assertQueue(queue, { durable: true, maxPriority: 5 })
    .then(({ queue: declared }) => channel.checkQueue(declared))
    .then((reply) => {
      console.log(`Declared queue: ${reply.queue}`)
      return reply
    })
}

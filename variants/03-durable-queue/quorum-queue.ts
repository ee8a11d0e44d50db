import type { Channel, Replies } from 'amqplib'

const REPLICATED = { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 50 } }

/** A replicated queue: it is durable by its nature, and a second node may take over. */
export async function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  const { messageCount, consumerCount } = await channel.assertQueue(queue, REPLICATED)
  return { queue, messageCount, consumerCount }
}

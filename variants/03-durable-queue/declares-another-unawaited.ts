import type { Channel, Replies } from 'amqplib'

/** Where failed tasks go is declared as well, and nobody waits for that. */
export function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  const declared = channel.assertQueue(queue, {
    durable: true,
    deadLetterExchange: '',
    deadLetterRoutingKey: `${queue}.failed`,
  })
  channel.assertQueue(`${queue}.failed`, { durable: true }).catch((error: unknown) => console.error(String(error)))
  return declared
}

// expectation: calls a handler that always fails maxAttempts times, and then sets the task aside
// misconception: keeps-its-key
// frame: queue.declare

import type { Channel, ConsumeMessage } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

/** Tasks that are rejected go to the default exchange: from there to the queue of bad tasks. */
export async function declareWorkQueues(channel: Channel, queue: string, policy: FailurePolicy): Promise<void> {
  await channel.assertQueue(`${queue}.dead`, { durable: true })
  await channel.assertQueue(queue, { durable: true, deadLetterExchange: '' })
  await channel.assertQueue(`${queue}.retry`, {
    durable: true,
    messageTtl: policy.retryDelayMs,
    deadLetterExchange: '',
    deadLetterRoutingKey: queue,
  })
}

export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  policy: FailurePolicy,
): Promise<string> {
  const failed = (message: ConsumeMessage) => {
    const attempt = Number(message.properties.headers?.attempt ?? 1)
    if (attempt >= policy.maxAttempts) {
      channel.nack(message, false, false)
      return
    }
    channel.sendToQueue(`${queue}.retry`, message.content, { persistent: true, headers: { attempt: attempt + 1 } })
    channel.ack(message)
  }
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (message === null) return
    try {
      await handle(message.content.toString('utf8'))
    } catch {
      failed(message)
      return
    }
    channel.ack(message)
  })
  return consumerTag
}

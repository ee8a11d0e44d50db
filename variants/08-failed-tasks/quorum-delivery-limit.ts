import type { Channel } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

/** A quorum queue counts by itself, and sets aside what was rejected too often. */
export async function declareWorkQueues(channel: Channel, queue: string, policy: FailurePolicy): Promise<void> {
  await channel.assertQueue(`${queue}.dead`, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': policy.maxAttempts - 1,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': `${queue}.dead`,
    },
  })
}

/** A failed task stays with the worker, unacknowledged, until its time has come. */
export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  { retryDelayMs }: FailurePolicy,
): Promise<string> {
  let open = true
  channel.on('close', () => {
    open = false
  })
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (message === null) return
    try {
      await handle(message.content.toString('utf8'))
      if (open) channel.ack(message)
    } catch {
      // A reject counts on every series of RabbitMQ; a nack with requeue does not any more.
      setTimeout(() => open && channel.reject(message, true), retryDelayMs)
    }
  })
  return consumerTag
}

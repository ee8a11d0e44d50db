import type { Channel, ConsumeMessage } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

/** Quorum queues, none with a time to live: every worker looks after the waiting room too. */
export async function declareWorkQueues(channel: Channel, queue: string, _policy: FailurePolicy): Promise<void> {
  for (const name of [queue, `${queue}.waiting`, `${queue}.dead`]) {
    await channel.assertQueue(name, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  }
}

/** A failed task carries the time when it is due. Until then somebody holds it, unacknowledged. */
export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  { maxAttempts, retryDelayMs }: FailurePolicy,
): Promise<string> {
  const move = (message: ConsumeMessage, to: string, headers: Record<string, unknown>) => {
    try {
      channel.publish('', to, message.content, { deliveryMode: 2, headers })
      channel.ack(message)
    } catch (error) {
      console.error((error as Error).message)
    }
  }
  await channel.consume(`${queue}.waiting`, (message) => {
    if (message === null) return
    const { headers = {} } = message.properties
    setTimeout(() => move(message, queue, headers), Math.max(0, Number(headers.due) - Date.now()))
  })
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (message === null) return
    const attempt = Number(message.properties.headers?.failed ?? 0) + 1
    try {
      await handle(message.content.toString('utf8'))
    } catch {
      if (attempt >= maxAttempts) move(message, `${queue}.dead`, { failed: attempt })
      else move(message, `${queue}.waiting`, { failed: attempt, due: Date.now() + retryDelayMs })
      return
    }
    channel.ack(message)
  })
  return consumerTag
}

// expectation: waits retryDelayMs or longer before the next attempt
// misconception: hot-loop
// frame: basic.deliver

import { createHash } from 'node:crypto'
import type { Channel } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

export async function declareWorkQueues(channel: Channel, queue: string, _policy: FailurePolicy): Promise<void> {
  await declareTaskQueue(channel, queue)
  await declareTaskQueue(channel, `${queue}.dead`)
}

/** Remembers when each task may be tried again, and gives it back until then. */
export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  { maxAttempts, retryDelayMs }: FailurePolicy,
): Promise<string> {
  const failures = new Map<string, { count: number; notBefore: number }>()
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (message === null) return
    const key = createHash('sha256').update(message.content).digest('hex')
    const failed = failures.get(key) ?? { count: 0, notBefore: 0 }
    if (Date.now() < failed.notBefore) {
      channel.nack(message)
      return
    }
    try {
      await handle(message.content.toString('utf8'))
      channel.ack(message)
    } catch {
      failed.count++
      failed.notBefore = Date.now() + retryDelayMs
      failures.set(key, failed)
      if (failed.count < maxAttempts) {
        channel.nack(message)
        return
      }
      channel.sendToQueue(`${queue}.dead`, message.content, { persistent: true })
      channel.ack(message)
    }
  })
  return consumerTag
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

export async function declareWorkQueues(channel: Channel, queue: string, _: FailurePolicy): Promise<void> {
  for (const name of [queue, `${queue}.dead`]) await declareTaskQueue(channel, name)
}

/** All attempts are one handler for lesson 04's consumer: it acknowledges when the task is done, or has been set aside. */
export function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  policy: FailurePolicy,
): Promise<string> {
  return consumeTasks(channel, queue, async (task) => {
    for (let attempt = 1; attempt <= policy.maxAttempts; attempt++) {
      if (attempt > 1) await sleep(policy.retryDelayMs)
      const failure = await Promise.resolve(task)
        .then(handle)
        .then(
          () => undefined,
          (error: unknown) => ({ error }),
        )
      if (failure === undefined) return
      console.warn(`attempt ${attempt}:`, failure.error)
    }
    channel.sendToQueue(`${queue}.dead`, Buffer.from(task, 'utf8'), { persistent: true })
  })
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ConsumeMessage } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

export async function declareWorkQueues(channel: Channel, queue: string, _policy: FailurePolicy): Promise<void> {
  for (const name of [queue, `${queue}.later`, `${queue}.dead`]) await channel.assertQueue(name, { durable: true })
}

export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  { maxAttempts, retryDelayMs }: FailurePolicy,
): Promise<string> {
  const move = (message: ConsumeMessage, to: string, headers: Record<string, unknown>) => {
    channel.sendToQueue(to, message.content, { persistent: true, headers })
    channel.ack(message)
  }

  /** Consumes from what waits, under the same tag each time, and stops for a while at a task that is not due yet. */
  async function look(): Promise<void> {
    const consumerTag = `looks after ${queue}`
    const isDue = ({ properties }: ConsumeMessage) => Number(properties.headers?.due) <= Date.now()
    const early: ConsumeMessage[] = []
    const stop = Promise.withResolvers<void>()
    await channel.consume(
      `${queue}.later`,
      (message) => {
        if (message === null) return
        if (isDue(message)) return move(message, queue, message.properties.headers ?? {})
        early.push(message)
        stop.resolve()
      },
      { consumerTag },
    )
    await stop.promise
    await channel.cancel(consumerTag)
    for (const message of early) channel.nack(message)
    await sleep(Math.max(50, retryDelayMs / 4))
    return look()
  }

  look().catch((error: Error) => console.error(error.message))
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (message === null) return
    const failed = Number(message.properties.headers?.failed ?? 0) + 1
    try {
      try {
        await handle(message.content.toString())
      } catch {
        if (failed >= maxAttempts) return move(message, `${queue}.dead`, { failed })
        return move(message, `${queue}.later`, { failed, due: Date.now() + retryDelayMs })
      }
      channel.ack(message)
    } catch (error) {
      console.error((error as Error).message)
    }
  })
  return consumerTag
}

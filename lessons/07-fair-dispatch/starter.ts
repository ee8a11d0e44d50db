import type { Channel } from 'amqplib'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'

/**
 * Works on the tasks in a queue, up to `prefetch` at a time, and never holds more than that.
 *
 * @returns the consumer tag that the broker assigned
 */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  const consumerTag = await consumeTasks(channel, queue, handle)
  await channel.prefetch(prefetch)
  return consumerTag
}

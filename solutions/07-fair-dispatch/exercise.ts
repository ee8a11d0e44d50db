import type { Channel } from 'amqplib'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'

/**
 * Works on the tasks in a queue, up to `prefetch` at a time, and never holds more than that. All other tasks stay in
 * the queue, where any free worker can get them.
 *
 * @returns the consumer tag, which the caller needs to cancel the consumer
 */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  // The limit applies only to consumers that start later on this channel, so the broker has to get it first.
  await channel.prefetch(prefetch)
  return consumeTasks(channel, queue, handle)
}

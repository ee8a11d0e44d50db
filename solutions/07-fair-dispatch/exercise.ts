import type { Channel } from 'amqplib'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'

/**
 * Works on the tasks of a queue, on up to `prefetch` of them at once, and holds no more than that. What it does not hold
 * stays in the queue, for whoever has time.
 *
 * @returns the consumer tag, with which the caller can cancel
 */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  // The broker applies the limit to consumers that begin later on this channel, so it has to know it first.
  await channel.prefetch(prefetch)
  return consumeTasks(channel, queue, handle)
}

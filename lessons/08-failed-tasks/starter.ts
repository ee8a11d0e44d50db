import type { Channel } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  /** How often a task is tried, the first time included. */
  maxAttempts: number
  /** How long a failed task waits, at least, before the next attempt. */
  retryDelayMs: number
}

/** Declares `${queue}` for the tasks, `${queue}.dead` for the ones that are set aside, and whatever else you need. */
export async function declareWorkQueues(channel: Channel, queue: string, _policy: FailurePolicy): Promise<void> {
  await declareTaskQueue(channel, queue)
  await declareTaskQueue(channel, `${queue}.dead`)
}

/**
 * Works on the tasks of the queue. A task whose handler failed is retried later. After the last attempt it is set
 * aside in `${queue}.dead`.
 *
 * @returns the consumer tag
 */
export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  _policy: FailurePolicy,
): Promise<string> {
  return consumeTasks(channel, queue, handle)
}

import type { Channel } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  /** How many attempts a task gets, including the first. */
  maxAttempts: number
  /** The minimum wait before the next attempt at a failed task. */
  retryDelayMs: number
}

/** Declares `${queue}` for the tasks, `${queue}.dead` for tasks that are set aside, and whatever else you need. */
export async function declareWorkQueues(channel: Channel, queue: string, _policy: FailurePolicy): Promise<void> {
  await declareTaskQueue(channel, queue)
  await declareTaskQueue(channel, `${queue}.dead`)
}

/**
 * Works on the tasks in the queue. Retries a task later if its handler fails, and sets it aside in `${queue}.dead` after
 * the last attempt.
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

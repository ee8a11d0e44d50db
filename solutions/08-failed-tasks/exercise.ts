import type { Channel, ConsumeMessage } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  /** How often a task is tried, the first time included. */
  maxAttempts: number
  /** How long a failed task waits before it is tried again. */
  retryDelayMs: number
}

/** A header: how many attempts at a task have failed. */
const FAILED = 'x-failed-attempts'

const retryQueue = (queue: string) => `${queue}.retry`
const deadQueue = (queue: string) => `${queue}.dead`

/**
 * Declares the queue, and beside it one in which failed tasks wait and one in which bad tasks stay.
 *
 *   queue ── failed ──▶ queue.retry ── after retryDelayMs ──▶ queue
 *     └───── failed too often ──▶ queue.dead
 */
export async function declareWorkQueues(channel: Channel, queue: string, policy: FailurePolicy): Promise<void> {
  await declareTaskQueue(channel, queue)
  await declareTaskQueue(channel, deadQueue(queue))
  await channel.assertQueue(retryQueue(queue), {
    durable: true,
    messageTtl: policy.retryDelayMs,
    // The default exchange: it takes the routing key for a queue's name.
    deadLetterExchange: '',
    deadLetterRoutingKey: queue,
  })
}

/**
 * Works on the tasks of a queue. One whose handler failed is tried again later, and set aside after the last attempt.
 *
 * @returns the consumer tag
 */
export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  policy: FailurePolicy,
): Promise<string> {
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) {
      console.error(`RabbitMQ cancelled the consumer of '${queue}': is the queue gone?`)
      return
    }
    void work(message)
  })
  return consumerTag

  /** Never rejects: nobody waits for it. */
  async function work(message: ConsumeMessage): Promise<void> {
    let failure: unknown
    try {
      await handle(message.content.toString('utf8'))
    } catch (error) {
      failure = error ?? new Error('The handler failed without a word.')
    }
    try {
      if (failure !== undefined) moveOn(message, failure)
      channel.ack(message)
    } catch (error) {
      // The channel is closed: the broker has taken the task back, and somebody will get it.
      console.error(`The task will come again: ${(error as Error).message}`)
    }
  }

  /** Puts a copy where the task belongs now. The task itself is acknowledged after that. */
  function moveOn({ content, properties }: ConsumeMessage, failure: unknown): void {
    const failed = failedAttempts(properties.headers) + 1
    const isLast = failed >= policy.maxAttempts
    const target = isLast ? deadQueue(queue) : retryQueue(queue)
    console.error(`Attempt ${failed} of ${policy.maxAttempts} failed, so the task goes to '${target}':`, failure)
    channel.sendToQueue(target, content, {
      ...properties,
      persistent: true,
      headers: { ...properties.headers, [FAILED]: failed },
    })
  }
}

function failedAttempts(headers: Record<string, unknown> = {}): number {
  const count = headers[FAILED]
  return typeof count === 'number' ? count : 0
}

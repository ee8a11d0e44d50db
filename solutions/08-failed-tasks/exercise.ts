import type { Channel, ConsumeMessage } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  /** How many attempts a task gets, including the first. */
  maxAttempts: number
  /** How long a failed task waits before the next attempt. */
  retryDelayMs: number
}

/** The header that counts a task's failed attempts. */
const FAILED = 'x-failed-attempts'

const retryQueue = (queue: string) => `${queue}.retry`
const deadQueue = (queue: string) => `${queue}.dead`

/**
 * Declares the queue, a second one in which failed tasks wait, and a third one for tasks that are set aside.
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
    // The default exchange, which uses the routing key as the name of a queue.
    deadLetterExchange: '',
    deadLetterRoutingKey: queue,
  })
}

/**
 * Works on the tasks in a queue. Retries a task later if its handler fails, and sets it aside after the last attempt.
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

  /** Never rejects, because nothing awaits it. */
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
      // The channel is closed, so the broker has requeued the task, and some worker will get it.
      console.error(`The task will come again: ${(error as Error).message}`)
    }
  }

  /** Publishes a copy to the queue where the task belongs next. The caller then acknowledges the task. */
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

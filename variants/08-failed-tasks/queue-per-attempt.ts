import type { Channel, ConsumeMessage } from 'amqplib'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

/** A class; each attempt but the first has a queue of its own to wait for it, each with twice the wait of the one before. */
class Retries {
  readonly #channel: Channel
  readonly #queue: string
  readonly #policy: FailurePolicy

  constructor(channel: Channel, queue: string, policy: FailurePolicy) {
    this.#channel = channel
    this.#queue = queue
    this.#policy = policy
  }

  /** Where a task goes after it has failed so often. */
  #after(failed: number): string {
    return failed >= this.#policy.maxAttempts ? `${this.#queue}.dead` : `${this.#queue}.wait-${failed}`
  }

  async declare(): Promise<void> {
    await declareTaskQueue(this.#channel, this.#queue)
    await declareTaskQueue(this.#channel, `${this.#queue}.dead`)
    for (let failed = 1; failed < this.#policy.maxAttempts; failed++) {
      await this.#channel.assertQueue(this.#after(failed), {
        durable: true,
        arguments: {
          'x-message-ttl': this.#policy.retryDelayMs * 2 ** (failed - 1),
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': this.#queue,
        },
      })
    }
  }

  async work(message: ConsumeMessage, handle: TaskHandler): Promise<void> {
    try {
      await handle(message.content.toString())
    } catch {
      this.#passOn(message)
    }
    this.#channel.ack(message)
  }

  #passOn({ content, properties }: ConsumeMessage): void {
    // What has waited says so in its own header; the broker's x-death would say it too.
    const failed = Number(properties.headers?.['x-failed'] ?? 0) + 1
    this.#channel.publish('', this.#after(failed), content, { deliveryMode: 2, headers: { 'x-failed': failed } })
  }
}

export function declareWorkQueues(channel: Channel, queue: string, policy: FailurePolicy): Promise<void> {
  return new Retries(channel, queue, policy).declare()
}

export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  policy: FailurePolicy,
): Promise<string> {
  const retries = new Retries(channel, queue, policy)
  const reply = await channel.consume(queue, (message) => {
    if (message) retries.work(message, handle).catch(console.error)
  })
  return reply.consumerTag
}

import type { Channel, ConsumeMessage, Replies } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** A class with a method per moment of a task's life; a failed task stays unacknowledged until the channel closes. */
class Worker {
  readonly #channel: Channel
  readonly #handle: TaskHandler
  #closed = false

  constructor(channel: Channel, handle: TaskHandler) {
    this.#channel = channel
    this.#handle = handle
    channel.on('close', () => {
      this.#closed = true
    })
  }

  start(queue: string): Promise<Replies.Consume> {
    return this.#channel.consume(queue, (message) => {
      if (message) this.#work(message).catch((error: unknown) => this.#failed(message, error))
    })
  }

  async #work(message: ConsumeMessage): Promise<void> {
    await this.#handle(message.content.toString())
    if (!this.#closed) this.#channel.ack(message)
  }

  #failed(message: ConsumeMessage, error: unknown): void {
    console.error(`delivery ${message.fields.deliveryTag} failed:`, String(error))
  }
}

export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  const { consumerTag } = await new Worker(channel, handle).start(queue)
  return consumerTag
}

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** A class of its own; a failed task stays unacknowledged until the channel closes. */
class FairWorker {
  readonly #channel: Channel
  readonly #handle: TaskHandler
  #closed = false

  constructor(channel: Channel, handle: TaskHandler) {
    this.#channel = channel
    this.#handle = handle
    channel.once('close', () => {
      this.#closed = true
    })
  }

  async start(queue: string, prefetch: number): Promise<string> {
    await this.#channel.prefetch(prefetch, false)
    const { consumerTag } = await this.#channel.consume(queue, (message) => {
      if (message) this.#work(message).catch((error: unknown) => console.error('left to the broker:', String(error)))
    })
    return consumerTag
  }

  async #work(message: ConsumeMessage): Promise<void> {
    await this.#handle(message.content.toString())
    if (!this.#closed) this.#channel.ack(message)
  }
}

export function consumeFairly(channel: Channel, queue: string, handle: TaskHandler, prefetch: number): Promise<string> {
  return new FairWorker(channel, handle).start(queue, prefetch)
}

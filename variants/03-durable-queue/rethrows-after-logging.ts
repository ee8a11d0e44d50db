import type { Channel, Options, Replies } from 'amqplib'

class TaskQueue {
  static readonly options: Options.AssertQueue = { durable: true, overflow: 'reject-publish', maxLength: 1_000_000 }
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  async declareOn(channel: Channel): Promise<Replies.AssertQueue> {
    try {
      const reply = await channel.assertQueue(this.#name, TaskQueue.options)
      console.log(`Declared queue: ${reply.queue} (${reply.messageCount} tasks, ${reply.consumerCount} consumers)`)
      return reply
    } catch (error) {
      console.error(`Queue '${this.#name}' was refused: ${(error as Error).message}`)
      throw error
    }
  }
}

export function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return new TaskQueue(queue).declareOn(channel)
}

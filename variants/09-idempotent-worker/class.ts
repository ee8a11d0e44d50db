import type { Channel, ConsumeMessage } from 'amqplib'

/** The ids of tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

type Handle = (task: string, id: string) => Promise<void>

/** A class; a copy of what is being worked on is acknowledged at once: if the work fails, the first one comes back. */
class OnceWorker {
  readonly #channel: Channel
  readonly #handle: Handle
  readonly #done: DoneStore
  readonly #atWork = new Set<string>()

  constructor(channel: Channel, handle: Handle, done: DoneStore) {
    this.#channel = channel
    this.#handle = handle
    this.#done = done
  }

  async start(queue: string): Promise<string> {
    const { consumerTag } = await this.#channel.consume(queue, (message) => {
      if (message) void this.#take(message)
    })
    return consumerTag
  }

  async #take(message: ConsumeMessage): Promise<void> {
    try {
      await this.#work(message)
      this.#channel.ack(message)
    } catch (error) {
      console.error('not done:', (error as Error).message)
      this.#giveBack(message)
    }
  }

  async #work({ content, properties }: ConsumeMessage): Promise<void> {
    const task = content.toString()
    const id: string = properties.messageId || ''
    if (!id) return this.#handle(task, '')
    if (this.#atWork.has(id)) return
    this.#atWork.add(id)
    try {
      if (await this.#done.has(id)) return
      await this.#handle(task, id)
      await this.#done.add(id)
    } finally {
      this.#atWork.delete(id)
    }
  }

  #giveBack(message: ConsumeMessage): void {
    try {
      this.#channel.nack(message)
    } catch {
      // The channel is closed: the broker has it back.
    }
  }
}

export const consumeOnce = (channel: Channel, queue: string, handle: Handle, done: DoneStore): Promise<string> =>
  new OnceWorker(channel, handle, done).start(queue)

import type { ConfirmChannel, Message } from 'amqplib'

export interface Publisher {
  publish(queue: string, task: string): Promise<void>
}

interface Call {
  queue: string
  task: string
  resolve: () => void
  reject: (error: unknown) => void
}

/** A class that keeps a list of what waits, and a map of what is on its way; ids count up, in a header of their own. */
class TaskPublisher implements Publisher {
  readonly #channel: ConfirmChannel
  readonly #waiting: Call[] = []
  readonly #underway = new Map<number, Call>()
  #ids = 0
  #full = false

  constructor(channel: ConfirmChannel) {
    this.#channel = channel
    channel.on('return', (message: Message) => this.#returned(message))
    channel.on('drain', () => {
      this.#full = false
      this.#sendWaiting()
    })
    channel.on('close', () => {
      for (const call of this.#waiting.splice(0)) call.reject(new Error('The channel was closed before its turn came.'))
    })
  }

  publish(queue: string, task: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ queue, task, resolve, reject })
    this.#sendWaiting()
    return promise
  }

  #sendWaiting(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#send(next)
  }

  #next(): Call | undefined {
    return this.#full ? undefined : this.#waiting.shift()
  }

  #send(call: Call): void {
    const id = ++this.#ids
    this.#underway.set(id, call)
    const options = { deliveryMode: 2, mandatory: true, contentEncoding: 'utf-8', headers: { 'x-call': id } }
    try {
      const free = this.#channel.publish('', call.queue, Buffer.from(call.task, 'utf8'), options, (error) => {
        this.#underway.delete(id)
        if (error) call.reject(error)
        else call.resolve()
      })
      this.#full = !free
    } catch (error) {
      this.#underway.delete(id)
      call.reject(error)
    }
  }

  /** A promise that is rejected here is not changed by the ack that comes behind. */
  #returned(message: Message): void {
    const call = this.#underway.get(Number(message.properties.headers?.['x-call']))
    call?.reject(new Error(`No queue is called '${message.fields.routingKey}'.`))
  }
}

export function createPublisher(channel: ConfirmChannel): Publisher {
  return new TaskPublisher(channel)
}

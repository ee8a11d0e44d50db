import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib'

type EventHandler = (type: string, payload: unknown) => Promise<void>

/** An exchange as both sides see it. */
class Exchange {
  readonly #channel: Channel
  readonly #name: string

  constructor(channel: Channel, name: string) {
    this.#channel = channel
    this.#name = name
  }

  async declare(): Promise<this> {
    await this.#channel.assertExchange(this.#name, 'topic')
    return this
  }

  publish(type: string, payload: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(payload, null, 2))
    this.#channel.publish(this.#name, type, Buffer.from(bytes), {
      deliveryMode: 2,
      contentType: 'application/json',
      timestamp: Date.now(),
      type,
    })
  }

  async queue(service: string, pattern: string): Promise<string> {
    const { queue } = await this.#channel.assertQueue(service, { durable: true })
    await this.#channel.bindQueue(queue, this.#name, pattern)
    return queue
  }
}

class Subscription {
  readonly #channel: Channel
  readonly #handle: EventHandler

  constructor(channel: Channel, handle: EventHandler) {
    this.#channel = channel
    this.#handle = handle
  }

  async begin(queue: string): Promise<string> {
    await this.#channel.prefetch(10)
    const reply = await this.#channel.consume(queue, (message) => {
      if (message) this.#work(message).catch((error) => console.error(error))
    })
    return reply.consumerTag
  }

  async #work(message: ConsumeMessage): Promise<void> {
    try {
      await this.#handle(message.fields.routingKey, JSON.parse(message.content.toString()))
    } catch {
      this.#channel.reject(message, true)
      return
    }
    this.#channel.ack(message)
  }
}

export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  const events = await new Exchange(channel, exchange).declare()
  events.publish(type, payload)
  await channel.waitForConfirms()
}

export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  const events = await new Exchange(channel, exchange).declare()
  const queue = await events.queue(service, pattern)
  return new Subscription(channel, handle).begin(queue)
}

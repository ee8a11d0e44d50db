import { can } from '../connection/capabilities.ts'
import type { Entry } from '../queue/entry.ts'
import type { Queue } from '../queue/queue.ts'
import type { Channel, ChannelConsumer } from './channel.ts'

export interface ConsumerOptions {
  tag: string
  noAck: boolean
  exclusive: boolean
  priority: number
  /** How many deliveries may be unsettled at a time; 0: any number. */
  limit: number
}

/** A consumer of a channel: what the queue delivers to it, it writes to the client. */
export class QueueConsumer implements ChannelConsumer {
  readonly tag: string
  readonly noAck: boolean
  readonly exclusive: boolean
  readonly priority: number
  readonly queue: Queue
  readonly #limit: number
  readonly #channel: Channel
  outstanding = 0

  constructor(channel: Channel, queue: Queue, { tag, noAck, exclusive, priority, limit }: ConsumerOptions) {
    this.#channel = channel
    this.queue = queue
    this.tag = tag
    this.noAck = noAck
    this.exclusive = exclusive
    this.priority = priority
    this.#limit = noAck ? 0 : limit
  }

  get isFree(): boolean {
    if (this.#limit !== 0 && this.outstanding >= this.#limit) return false
    return !this.#channel.connection.output.isCongested
  }

  deliver(entry: Entry): void {
    const { queue } = this
    const tag = this.#channel.newDeliveryTag()
    this.#channel.writeDelivery(this.tag, tag, entry, queue)
    if (this.noAck) queue.settled(entry)
    else {
      this.outstanding++
      this.#channel.unacknowledged.add({ tag, entry, queue, consumer: this })
    }
  }

  /** A delivery of it was settled: it may be free again. */
  settled(): void {
    this.outstanding--
    this.queue.unlinger(this)
    this.queue.consumers.freed(this)
  }

  cancelled(): void {
    this.#channel.consumers.delete(this.tag)
    if (can(this.#channel.connection.properties, 'consumer_cancel_notify')) {
      this.#channel.send('basic.cancel', { consumerTag: this.tag, noWait: true })
    }
  }
}

import { encodeContent } from '../../lab/amqp/frames.ts'
import type { Arguments, MethodName } from '../../lab/amqp/methods.ts'
import type { Properties } from '../../lab/amqp/properties.ts'
import type { Table } from '../../lab/amqp/table.ts'
import type { Heard } from './heard.ts'
import { type Inbox, LIMIT_MS } from './inbox.ts'

type Some<N extends MethodName> = Partial<Arguments<N>>

/** The client of a channel. */
export interface ChannelClient {
  readonly frameMax: number
  /** Whether it answers connection.close and channel.close by itself. */
  polite: boolean
  write(bytes: Uint8Array): void
  send<N extends MethodName>(channel: number, name: N, args?: Some<N>): void
  next(name: Heard['name'], channel?: number): Promise<Heard>
  inbox(channel: number): Inbox
  /** Another channel of it. */
  channel(number?: number): Promise<Channel>
  heartbeat(): void
  ended(): Promise<void>
  close(): Promise<void>
  drop(): void
}

/** A channel of a raw client, with the methods of AMQP by short names. */
export class Channel {
  readonly client: ChannelClient
  readonly number: number
  noting = true
  #confirming = false
  #published = 0
  /** The delivery tags whose confirms have come. */
  readonly #settled = new Set<number>()

  constructor(client: ChannelClient, number: number) {
    this.client = client
    this.number = number
  }

  send<N extends MethodName>(name: N, args: Some<N> = {}): void {
    if (name === 'confirm.select') this.#confirming = true
    this.client.send(this.number, name, args)
  }

  next(name: Heard['name']): Promise<Heard> {
    return this.client.next(name, this.number)
  }

  /** Sends a request and waits for its answer, which may be that the channel or the connection is closed. */
  async call<N extends MethodName>(name: N, args: Some<N> = {}): Promise<Heard> {
    this.send(name, args)
    const answers = new Set<string>([`${name}-ok`, 'channel.close'])
    if (name === 'basic.get') answers.add('basic.get-empty')
    return this.#answer(`the answer to ${name}`, (heard) => answers.has(heard.name))
  }

  /** Waits for the server to close the channel or the connection. */
  async fails(): Promise<Heard> {
    return this.#answer('the end of the channel', ({ name }) => name === 'channel.close')
  }

  async #answer(what: string, fits: (heard: Heard) => boolean): Promise<Heard> {
    const { client } = this
    const answer = client.inbox(this.number).take(what, fits)
    try {
      return await answer
    } catch (error) {
      // The inbox of the channel ends when the connection is closed; the reason stands on channel 0.
      return await client.inbox(0).take(String(error), ({ name }) => name === 'connection.close')
    }
  }

  queue(queue: string, args: Omit<Some<'queue.declare'>, 'queue'> = {}): Promise<Heard> {
    return this.call('queue.declare', { queue, durable: !args.exclusive, ...args })
  }

  /** A quorum queue. */
  quorum(queue: string, args: Table = {}): Promise<Heard> {
    return this.queue(queue, { arguments: { 'x-queue-type': 'quorum', ...args } })
  }

  /**
   * Asks for a queue's counts: after what was confirmed or delivered, what has not come by then does not come.
   * Acknowledgements it may overtake, as RabbitMQ's queues answer this first: after those, `until` or `get`.
   */
  count(queue: string): Promise<Heard> {
    return this.call('queue.declare', { queue, passive: true })
  }

  /**
   * Waits until a queue holds so many messages, or has so many consumers: for what happens elsewhere, and that nothing
   * tells of. How often it asked is not noted.
   */
  async until(queue: string, what: 'messageCount' | 'consumerCount', count: number): Promise<void> {
    const deadline = performance.now() + LIMIT_MS
    this.noting = false
    for (let seen: unknown; seen !== count; ) {
      if (performance.now() > deadline)
        throw new Error(`waited ${LIMIT_MS} ms for a ${what} of ${count}; it is ${seen}`)
      seen = (await this.count(queue)).args[what]
    }
    this.noting = true
  }

  exchange(exchange: string, type: string, args: Omit<Some<'exchange.declare'>, 'exchange' | 'type'> = {}) {
    return this.call('exchange.declare', { exchange, type, ...args })
  }

  bind(queue: string, exchange: string, routingKey = '', args: Table = {}): Promise<Heard> {
    return this.call('queue.bind', { queue, exchange, routingKey, arguments: args })
  }

  confirms(): Promise<Heard> {
    return this.call('confirm.select')
  }

  /** Makes the channel transactional. */
  transact(): Promise<Heard> {
    return this.call('tx.select')
  }

  commit(): Promise<Heard> {
    return this.call('tx.commit')
  }

  rollback(): Promise<Heard> {
    return this.call('tx.rollback')
  }

  qos(prefetchCount: number, global = false): Promise<Heard> {
    return this.call('basic.qos', { prefetchCount, global })
  }

  consume(queue: string, consumerTag: string, args: Some<'basic.consume'> = {}): Promise<Heard> {
    return this.call('basic.consume', { queue, consumerTag, ...args })
  }

  cancel(consumerTag: string): Promise<Heard> {
    return this.call('basic.cancel', { consumerTag })
  }

  get(queue: string, noAck = true): Promise<Heard> {
    return this.call('basic.get', { queue, noAck })
  }

  ack(deliveryTag: number, multiple = false): void {
    this.send('basic.ack', { deliveryTag, multiple })
  }

  nack(deliveryTag: number, { multiple = false, requeue = true } = {}): void {
    this.send('basic.nack', { deliveryTag, multiple, requeue })
  }

  reject(deliveryTag: number, requeue = true): void {
    this.send('basic.reject', { deliveryTag, requeue })
  }

  /** Waits for so many deliveries, and returns their tags. */
  async deliveries(count: number): Promise<number[]> {
    const tags: number[] = []
    for (let n = 0; n < count; n++) tags.push(Number((await this.next('basic.deliver')).args['deliveryTag']))
    return tags
  }

  /** Publishes to a queue (through the default exchange), or as `flags` say. */
  publish(routingKey: string, body: string | Buffer, properties: Properties = {}, flags: Some<'basic.publish'> = {}) {
    if (this.#confirming) this.#published++
    this.send('basic.publish', { routingKey, ...flags })
    this.client.write(encodeContent(this.number, properties, Buffer.from(body), this.client.frameMax))
  }

  /** Publishes, and waits for the confirm (or for the end of the channel). */
  async put(routingKey: string, body: string | Buffer, properties: Properties = {}, flags: Some<'basic.publish'> = {}) {
    this.publish(routingKey, body, properties, flags)
    return this.confirmed(this.#published)
  }

  confirmed(tag: number): Promise<Heard> {
    const answers = new Set(['basic.ack', 'basic.nack'])
    return this.#answer(
      `the confirm of message ${tag}`,
      ({ name, args }) => name === 'channel.close' || (answers.has(name) && args['deliveryTag'] === tag),
    )
  }

  /** A confirm for several messages, as one for each: how many a broker puts together is a matter of time. */
  settled(heard: Heard): Heard[] {
    const { name, args } = heard
    if (!this.#confirming || (name !== 'basic.ack' && name !== 'basic.nack')) return [heard]
    const last = Number(args['deliveryTag'])
    const all = Array.from({ length: last }, (_, index) => index + 1)
    const tags = args['multiple'] ? all.filter((tag) => !this.#settled.has(tag)) : [last]
    return tags.map((deliveryTag) => {
      const again = this.#settled.has(deliveryTag)
      this.#settled.add(deliveryTag)
      return { name, args: again ? { deliveryTag, again } : { deliveryTag } }
    })
  }
}

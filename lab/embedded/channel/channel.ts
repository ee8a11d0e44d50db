import { writeMethod } from '../../amqp/frames.ts'
import type { Arguments, MethodName } from '../../amqp/methods.ts'
import { writeDelivery, writeMessage } from '../connection/delivery.ts'
import { locked, noPreviousQueue } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { Consumer } from '../queue/consumers.ts'
import type { Entry } from '../queue/entry.ts'
import type { Queue, Return } from '../queue/queue.ts'
import type { ReplyConsumer } from '../reply-to.ts'
import type { User } from '../users.ts'
import type { Vhost } from '../vhost.ts'
import { Confirms } from './confirms.ts'
import type { Publication } from './publication.ts'
import type { Transport } from './transport.ts'
import { type Outstanding, Unacknowledged } from './unacknowledged.ts'

/** Settles deliveries: acknowledges them, gives them back, or discards them. */
export type Settle = (channel: Channel, taken: Outstanding[]) => void

/** What a transactional channel holds back until its commit; see transaction.ts. */
export interface Uncommitted {
  publish(publication: Publication): void
  settle(taken: Outstanding[], settle: Settle): void
  commit(): void
  rollback(): void
}

/** A consumer of a queue, as its channel knows it. */
export interface ChannelConsumer extends Consumer {
  readonly tag: string
  readonly queue: Queue
}

/** A channel: its consumers, and what it delivered. What it is sent comes by way of its receiver. */
export class Channel {
  readonly number: number
  readonly connection: Transport
  readonly consumers = new Map<string, ChannelConsumer>()
  readonly unacknowledged = new Unacknowledged()
  /** How many deliveries each consumer that is to come may have unsettled; 0: any number. */
  prefetch = 0
  /** The queue that a blank name stands for. */
  lastQueue: string | undefined
  replyConsumer: ReplyConsumer | undefined
  confirms: Confirms | undefined
  transaction: Uncommitted | undefined
  #deliveryTag = 0

  constructor(connection: Transport, number: number) {
    this.connection = connection
    this.number = number
  }

  get vhost(): Vhost {
    return this.connection.vhost
  }

  get user(): User {
    return this.connection.user
  }

  send<N extends MethodName>(name: N, args: Partial<Arguments<N>> = {}): void {
    this.confirms?.flush()
    this.connection.send(this.number, name, args)
  }

  /** With the content of `message` behind it. */
  sendContent<N extends 'basic.return' | 'basic.get-ok'>(
    name: N,
    args: Partial<Arguments<N>>,
    message: Message,
    properties = message.rawProperties,
  ): void {
    this.confirms?.flush()
    const { output, frameMax } = this.connection
    writeMethod(output.writer, this.number, name, args)
    writeMessage(output.writer, this.number, properties, message.body, frameMax)
    output.wrote()
  }

  writeDelivery(consumerTag: string, deliveryTag: number, entry: Entry, queue: Queue | undefined): void {
    this.confirms?.flush()
    const { output, frameMax } = this.connection
    writeDelivery(output.writer, this.number, consumerTag, deliveryTag, entry, queue?.isQuorum ?? false, frameMax)
    output.wrote()
  }

  newDeliveryTag(): number {
    return ++this.#deliveryTag
  }

  /** The name, or that of the last queue where it is blank. @throws ChannelError */
  queueName(name: string): string {
    if (name !== '') return name
    if (this.lastQueue === undefined) throw noPreviousQueue()
    return this.lastQueue
  }

  /** The queue, if this connection may use it. @throws ChannelError */
  queue(name: string): Queue {
    const queue = this.vhost.queue(this.queueName(name))
    this.assertAccess(queue)
    return queue
  }

  /** @throws ChannelError when it is exclusive to another connection */
  assertAccess(queue: Queue): void {
    if (queue.owner !== undefined && queue.owner !== this.connection) throw locked(queue.name, this.vhost.name)
  }

  selectConfirms(): void {
    this.confirms ??= new Confirms({
      write: (name, args) => this.connection.send(this.number, name, args),
      beforeFlush: (confirms) => this.connection.output.beforeFlush(confirms),
    })
  }

  /** At once, or with the commit. */
  settle(taken: Outstanding[], settle: Settle): void {
    if (this.transaction === undefined) settle(this, taken)
    else this.transaction.settle(taken, settle)
  }

  /** Messages go back, each to its queue and place; then they are delivered again. */
  giveBack(outstanding: Iterable<Outstanding>, why: Return): void {
    const queues = new Set<Queue>()
    for (const { entry, queue, consumer } of outstanding) {
      consumer.settled()
      queue.putBack(entry, why)
      queues.add(queue)
    }
    for (const queue of queues) queue.pump()
  }

  /** The client reads again. */
  resume(): void {
    for (const consumer of [...this.consumers.values()]) {
      consumer.queue.consumers.freed(consumer)
      consumer.queue.pump()
    }
  }

  endConsumers(): void {
    for (const consumer of [...this.consumers.values()]) {
      this.consumers.delete(consumer.tag)
      consumer.queue.cancel(consumer)
      consumer.queue.pump()
    }
    if (this.replyConsumer !== undefined) this.connection.broker.replies.remove(this.replyConsumer)
    this.replyConsumer = undefined
  }

  /** What it has delivered goes back, unless it has settled it; what it did not commit was never done. */
  end(): void {
    this.confirms?.flush()
    this.confirms = undefined
    this.endConsumers()
    this.transaction?.rollback()
    this.transaction = undefined
    this.giveBack(this.unacknowledged.takeUpTo(0), 'failed')
  }

  /** The client has closed it. */
  closed(): void {
    this.end()
    this.connection.send(this.number, 'channel.close-ok')
    this.connection.channelEnded(this.number)
  }
}

import { writeMethod } from '../../amqp/frames.ts'
import type { Arguments, MethodName } from '../../amqp/methods.ts'
import type { Connection } from '../connection/connection.ts'
import { writeDelivery, writeMessage } from '../connection/delivery.ts'
import { readMethod } from '../connection/method.ts'
import { ChannelError, ConnectionError, locked, methodExpected, noPreviousQueue } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { Entry } from '../queue/entry.ts'
import type { Queue, Return } from '../queue/queue.ts'
import type { ReplyConsumer } from '../reply-to.ts'
import type { User } from '../users.ts'
import type { Vhost } from '../vhost.ts'
import { Confirms } from './confirms.ts'
import { ContentReader } from './content.ts'
import { dispatch } from './dispatch.ts'
import { publish } from './publish.ts'
import type { QueueConsumer } from './queue-consumer.ts'
import type { Settle, Transaction } from './transaction.ts'
import { type Outstanding, Unacknowledged } from './unacknowledged.ts'

const METHOD = 1
const [BASIC, PUBLISH] = [60, 40]
const CHANNEL_CLOSE = 0x0014_0028
const CHANNEL_CLOSE_OK = 0x0014_0029

/** A channel: its consumers, what it delivered, and the message that it is just being given. */
export class Channel {
  readonly number: number
  readonly connection: Connection
  readonly consumers = new Map<string, QueueConsumer>()
  readonly unacknowledged = new Unacknowledged()
  /** How many deliveries each consumer that is to come may have unsettled; 0: any number. */
  prefetch = 0
  /** The queue that a blank name stands for. */
  lastQueue: string | undefined
  replyConsumer: ReplyConsumer | undefined
  confirms: Confirms | undefined
  transaction: Transaction | undefined
  readonly #content: ContentReader
  #publishing: Arguments<'basic.publish'> | undefined
  #deliveryTag = 0
  /** channel.close was sent: only what answers it counts. */
  #isClosing = false

  constructor(connection: Connection, number: number) {
    this.connection = connection
    this.number = number
    this.#content = new ContentReader(connection.broker.memory.kept)
  }

  get vhost(): Vhost {
    return this.connection.vhost
  }

  get user(): User {
    return this.connection.user
  }

  receive(type: number, payload: Buffer): void {
    if (this.#isClosing) this.#receiveWhileClosing(type, payload)
    else if (this.#publishing !== undefined) this.#receiveContent(this.#publishing, type, payload)
    else this.#receiveMethod(type, payload)
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
    this.#content.forget()
    this.endConsumers()
    this.transaction?.rollback()
    this.transaction = undefined
    this.giveBack(this.unacknowledged.takeUpTo(0), 'failed')
  }

  /** The client has closed it. */
  closed(): void {
    this.end()
    this.connection.send(this.number, 'channel.close-ok')
    this.connection.channelEnded(this)
  }

  #receiveMethod(type: number, payload: Buffer): void {
    if (type !== METHOD) throw methodExpected()
    const method = readMethod(payload)
    if (method.name === 'basic.publish') {
      this.#publishing = method.args
      this.connection.room.publishes()
    } else this.#guard(payload, () => dispatch(this, method))
  }

  #receiveContent(publishing: Arguments<'basic.publish'>, type: number, payload: Buffer): void {
    try {
      const content = this.#content.receive(type, payload)
      if (content === undefined) return
      this.#publishing = undefined
      publish(this, publishing, content)
    } catch (error) {
      this.#publishing = undefined
      this.#content.forget()
      if (error instanceof ConnectionError) this.connection.failMethod(error, BASIC, PUBLISH)
      else if (error instanceof ChannelError) this.#fail(error, BASIC, PUBLISH)
      else throw error
    }
  }

  #guard(payload: Buffer, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      this.#fail(error, payload.readUInt16BE(0), payload.readUInt16BE(2))
    }
  }

  #fail({ code, message }: ChannelError, classId: number, methodId: number): void {
    this.end()
    this.#isClosing = true
    this.connection.send(this.number, 'channel.close', { replyCode: code, replyText: message, classId, methodId })
  }

  #receiveWhileClosing(type: number, payload: Buffer): void {
    if (type !== METHOD || payload.length < 4) return
    const id = payload.readUInt32BE(0)
    if (id === CHANNEL_CLOSE_OK) this.connection.channelEnded(this)
    else if (id === CHANNEL_CLOSE) this.connection.send(this.number, 'channel.close-ok')
  }
}

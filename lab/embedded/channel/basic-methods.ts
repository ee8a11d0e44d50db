import { propertiesFor } from '../connection/delivery.ts'
import { lockedToSingle, notHere } from '../errors.ts'
import type { Queue } from '../queue/queue.ts'
import type { Settle } from './channel.ts'
import { consume } from './consume.ts'
import type { Handlers } from './handlers.ts'
import type { Outstanding } from './unacknowledged.ts'

/** Who got a message by basic.get. */
class Getter {
  readonly #queue: Queue
  outstanding = 1

  constructor(queue: Queue) {
    this.#queue = queue
    queue.linger(this)
  }

  settled(): void {
    this.outstanding = 0
    this.#queue.unlinger(this)
  }
}

/** The class basic, all but what publishes. */
export const basicMethods = {
  // RabbitMQ 4.3 treats a global limit as one for each consumer.
  'basic.qos': (channel, { prefetchSize, prefetchCount }) => {
    if (prefetchSize !== 0) throw notHere(`prefetch_size!=0 (${prefetchSize})`)
    channel.prefetch = prefetchCount
    channel.send('basic.qos-ok')
  },
  'basic.consume': consume,
  'basic.cancel': (channel, { consumerTag, noWait }) => {
    const consumer = channel.consumers.get(consumerTag)
    channel.consumers.delete(consumerTag)
    if (channel.replyConsumer?.tag === consumerTag) {
      channel.connection.broker.replies.remove(channel.replyConsumer)
      channel.replyConsumer = undefined
    }
    if (!noWait) channel.send('basic.cancel-ok', { consumerTag })
    if (consumer === undefined) return
    consumer.queue.cancel(consumer)
    consumer.queue.pump()
  },
  'basic.get': (channel, { queue: name, noAck }) => {
    const queue = channel.queue(name)
    if (queue.isQuorum && queue.settings.singleActiveConsumer) throw lockedToSingle(queue.name, channel.vhost.name)
    const entry = queue.take()
    if (entry === undefined) return channel.send('basic.get-empty')
    const { message, redelivered } = entry
    const deliveryTag = channel.newDeliveryTag()
    const { exchange, routingKey } = message
    const args = { deliveryTag, redelivered, exchange, routingKey, messageCount: queue.ready }
    channel.sendContent('basic.get-ok', args, message, propertiesFor(entry, queue.isQuorum))
    if (noAck) queue.settled(entry)
    else {
      const consumer = new Getter(queue)
      channel.unacknowledged.add({ tag: deliveryTag, entry, queue, consumer })
    }
  },
  'basic.ack': (channel, { deliveryTag, multiple }) => {
    channel.settle(channel.unacknowledged.takeAll(deliveryTag, multiple), acknowledge)
  },
  'basic.nack': (channel, { deliveryTag, multiple, requeue }) => {
    channel.settle(channel.unacknowledged.takeAll(deliveryTag, multiple), requeue ? giveBack : discard)
  },
  'basic.reject': (channel, { deliveryTag, requeue }) => {
    channel.settle([channel.unacknowledged.take(deliveryTag)], requeue ? giveBackFailed : discardFailed)
  },
  'basic.recover': (channel, { requeue }) => {
    assertRequeue(requeue)
    const taken = channel.unacknowledged.takeUpTo(0)
    channel.send('basic.recover-ok')
    channel.giveBack(taken, 'given-back')
  },
  'basic.recover-async': (channel, { requeue }) => {
    assertRequeue(requeue)
    channel.giveBack(channel.unacknowledged.takeUpTo(0), 'given-back')
  },
} satisfies Handlers

const acknowledge: Settle = (_channel, taken) => {
  for (const { entry, queue, consumer } of taken) {
    queue.settled(entry)
    consumer.settled()
    queue.pump()
  }
}

const giveBack: Settle = (channel, taken) => channel.giveBack(taken, 'given-back')
const giveBackFailed: Settle = (channel, taken) => channel.giveBack(taken, 'failed')
const discard: Settle = (_channel, taken) => discardAll(taken, false)
const discardFailed: Settle = (_channel, taken) => discardAll(taken, true)

/** @param failed that a consumer failed with them is remembered */
function discardAll(taken: Outstanding[], failed: boolean): void {
  for (const { entry, queue, consumer } of taken) {
    // It is free by the time the dead letter comes, perhaps to the same queue.
    consumer.settled()
    queue.discard(entry, failed)
    queue.pump()
  }
}

function assertRequeue(requeue: boolean): void {
  if (!requeue) throw notHere('requeue=false')
}

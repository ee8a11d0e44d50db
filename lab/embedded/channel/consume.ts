import { randomBytes } from 'node:crypto'
import type { Arguments } from '../../amqp/methods.ts'
import type { TableValue } from '../../amqp/table.ts'
import { typeOf } from '../erlang.ts'
import { exclusiveUse, invalidArgument, replyConsumerExists, replyMustNotAck, tagInUse } from '../errors.ts'
import { Entry } from '../queue/entry.ts'
import type { Queue } from '../queue/queue.ts'
import { REPLY_TO } from '../reply-to.ts'
import type { Channel } from './channel.ts'
import { QueueConsumer } from './queue-consumer.ts'

/** basic.consume. @throws ChannelError, ConnectionError */
export function consume(channel: Channel, args: Arguments<'basic.consume'>): void {
  if (channel.consumers.has(args.consumerTag) || channel.replyConsumer?.tag === args.consumerTag) {
    throw tagInUse(args.consumerTag)
  }
  const tag = args.consumerTag === '' ? `amq.ctag-${randomBytes(16).toString('base64url')}` : args.consumerTag
  if (args.queue === REPLY_TO) consumeReplies(channel, tag, args)
  else consumeQueue(channel, tag, args)
}

function consumeQueue(channel: Channel, tag: string, args: Arguments<'basic.consume'>): void {
  const queue = channel.queue(args.queue)
  const { noAck, exclusive, noWait } = args
  const priority = priorityOf(args.arguments['x-priority'], queue, channel)
  assertMayConsume(queue, exclusive, channel)
  const consumer = new QueueConsumer(channel, queue, { tag, noAck, exclusive, priority, limit: channel.prefetch })
  channel.consumers.set(tag, consumer)
  if (!noWait) channel.send('basic.consume-ok', { consumerTag: tag })
  queue.consume(consumer)
  queue.pump()
}

/** Quorum queues don't know exclusive consumers. */
function assertMayConsume(queue: Queue, exclusive: boolean, channel: Channel): void {
  const { name, consumers, settings } = queue
  if (queue.isQuorum) return
  const isTaken = consumers.hasExclusive || (exclusive && (consumers.size > 0 || settings.singleActiveConsumer))
  if (isTaken) throw exclusiveUse(name, channel.vhost.name)
}

function priorityOf(value: TableValue | undefined, queue: Queue, channel: Channel): number {
  if (value === undefined) return 0
  if (typeof value === 'number' && Number.isInteger(value)) return value
  const reason = `"expected integer, got ${typeOf(value)}"`
  throw invalidArgument('x-priority', 'queue', queue.name, channel.vhost.name, reason)
}

function consumeReplies(channel: Channel, tag: string, { noAck, noWait }: Arguments<'basic.consume'>): void {
  const { replies } = channel.connection.broker
  if (channel.replyConsumer !== undefined) throw replyConsumerExists()
  if (!noAck) throw replyMustNotAck()
  const consumer = {
    tag,
    address: replies.newAddress(),
    deliverReply: (message: Entry['message']) => {
      // Replies are not kept: a client that does not read loses them.
      if (channel.connection.output.isCongested) return
      channel.writeDelivery(tag, channel.newDeliveryTag(), new Entry(message, 0, 0), undefined)
    },
  }
  channel.replyConsumer = consumer
  replies.add(consumer)
  if (!noWait) channel.send('basic.consume-ok', { consumerTag: tag })
}

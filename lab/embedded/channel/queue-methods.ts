import { randomBytes } from 'node:crypto'
import type { Arguments } from '../../amqp/methods.ts'
import { defaultExchange, inUse, invalidProperty, locked, notEmpty, quorumDeletion, reservedName } from '../errors.ts'
import type { Binding } from '../exchange/binding.ts'
import type { Queue } from '../queue/queue.ts'
import { assertSame, assertSameArguments, readSettings } from '../queue/settings.ts'
import { REPLY_TO } from '../reply-to.ts'
import type { Channel } from './channel.ts'
import type { Handlers } from './handlers.ts'

const RESERVED = 'amq.'

/** The class queue. */
export const queueMethods = {
  'queue.declare': (channel, args) => {
    const counts = countsFor(channel, args)
    channel.lastQueue = counts.queue
    if (!args.noWait) channel.send('queue.declare-ok', counts)
  },
  'queue.bind': (channel, args) => {
    const binding = bindingOf(channel, args)
    channel.vhost.exchange(binding.source)
    channel.queue(binding.destination.name)
    channel.vhost.bind(binding)
    if (!args.noWait) channel.send('queue.bind-ok')
  },
  'queue.unbind': (channel, args) => {
    channel.vhost.unbind(bindingOf(channel, args))
    channel.send('queue.unbind-ok')
  },
  'queue.purge': (channel, { queue, noWait }) => {
    const messageCount = channel.queue(queue).purge()
    if (!noWait) channel.send('queue.purge-ok', { messageCount })
  },
  'queue.delete': (channel, { queue: name, ifUnused, ifEmpty, noWait }) => {
    const { vhost } = channel
    const queue = vhost.queues.get(channel.queueName(name))
    let messageCount = 0
    if (queue !== undefined) {
      channel.assertAccess(queue)
      if (queue.isQuorum && (ifUnused || ifEmpty)) {
        throw quorumDeletion(queue.name, vhost.name, ifUnused ? 'if-unused' : 'if-empty')
      }
      messageCount = queue.ready
      if (ifUnused && queue.consumers.size > 0) throw inUse('queue', queue.name, vhost.name)
      if (ifEmpty && messageCount > 0) throw notEmpty(queue.name, vhost.name)
    }
    // The answer first: consumers on the same channel are told after it.
    if (!noWait) channel.send('queue.delete-ok', { messageCount })
    if (queue !== undefined) vhost.removeQueue(queue)
  },
} satisfies Handlers

interface Counts {
  queue: string
  messageCount: number
  consumerCount: number
}

function countsOf(queue: Queue): Counts {
  return { queue: queue.name, messageCount: queue.ready, consumerCount: queue.consumerCount }
}

function countsFor(channel: Channel, args: Arguments<'queue.declare'>): Counts {
  if (args.queue === REPLY_TO) return { queue: REPLY_TO, messageCount: 0, consumerCount: 1 }
  return args.passive ? find(channel, args.queue) : declare(channel, args)
}

function find(channel: Channel, name: string): Counts {
  const queue = channel.queue(name)
  queue.touch()
  return countsOf(queue)
}

function declare(channel: Channel, args: Arguments<'queue.declare'>): Counts {
  const { vhost } = channel
  if (args.queue.startsWith(RESERVED)) throw reservedName('queue', args.queue)
  const name = args.queue === '' ? `amq.gen-${randomBytes(16).toString('base64url')}` : args.queue
  const known = vhost.queues.get(name)
  if (known !== undefined) {
    assertSameQueue(channel, known, args)
    known.touch()
    return countsOf(known)
  }
  const { durable, autoDelete, exclusive } = args
  const settings = readSettings(args.arguments, name, vhost.name)
  if (settings.type === 'quorum') {
    if (!durable) throw invalidProperty('non-durable', name, vhost.name)
    if (autoDelete) throw invalidProperty('auto-delete', name, vhost.name)
    if (exclusive) throw invalidProperty('exclusive-owner', name, vhost.name)
  }
  const owner = exclusive ? channel.connection : undefined
  return countsOf(vhost.addQueue({ name, durable, autoDelete, owner, arguments: args.arguments, settings }))
}

function assertSameQueue(channel: Channel, queue: Queue, args: Arguments<'queue.declare'>): void {
  const vhost = channel.vhost.name
  if (queue.owner !== (args.exclusive ? channel.connection : undefined)) throw locked(queue.name, vhost)
  assertSame('durable', args.durable, queue.durable, 'queue', queue.name, vhost)
  assertSame('auto_delete', args.autoDelete, queue.autoDelete, 'queue', queue.name, vhost)
  assertSameArguments(args.arguments, queue.arguments, queue.name, vhost)
}

/** A blank routing key stands for the queue's name where the queue's name is blank, too. */
function bindingOf(channel: Channel, args: Arguments<'queue.bind'> | Arguments<'queue.unbind'>): Binding {
  const name = channel.queueName(args.queue)
  if (args.exchange === '') throw defaultExchange()
  const routingKey = args.queue === '' && args.routingKey === '' ? name : args.routingKey
  return { source: args.exchange, destination: { kind: 'queue', name }, routingKey, arguments: args.arguments }
}

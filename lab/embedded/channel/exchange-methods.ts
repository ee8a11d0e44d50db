import type { Arguments } from '../../amqp/methods.ts'
import { typeOf } from '../erlang.ts'
import {
  defaultExchange,
  inUse,
  invalidTypeOfArgument,
  reservedName,
  systemExchange,
  unknownExchangeType,
} from '../errors.ts'
import type { Binding } from '../exchange/binding.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { assertSame } from '../queue/settings.ts'
import type { Channel } from './channel.ts'
import type { Handlers } from './handlers.ts'

const RESERVED = 'amq.'
const ALTERNATE = 'alternate-exchange'
const TYPES = new Set(['direct', 'fanout', 'topic', 'headers'])

/** The class exchange. */
export const exchangeMethods = {
  'exchange.declare': (channel, args) => {
    declare(channel, args)
    if (!args.noWait) channel.send('exchange.declare-ok')
  },
  'exchange.delete': (channel, { exchange: name, ifUnused, noWait }) => {
    const { vhost } = channel
    if (name === '') throw defaultExchange()
    if (name.startsWith(RESERVED)) throw systemExchange(name, vhost.name)
    const exchange = vhost.exchanges.get(name)
    if (exchange !== undefined) {
      if (ifUnused && exchange.isUsed) throw inUse('exchange', name, vhost.name)
      vhost.removeExchange(exchange)
    }
    if (!noWait) channel.send('exchange.delete-ok')
  },
  'exchange.bind': (channel, args) => {
    const binding = bindingOf(args)
    channel.vhost.exchange(binding.source)
    channel.vhost.exchange(binding.destination.name)
    channel.vhost.bind(binding)
    if (!args.noWait) channel.send('exchange.bind-ok')
  },
  'exchange.unbind': (channel, args) => {
    channel.vhost.unbind(bindingOf(args))
    if (!args.noWait) channel.send('exchange.unbind-ok')
  },
} satisfies Handlers

function declare(channel: Channel, args: Arguments<'exchange.declare'>): void {
  const { vhost } = channel
  const { exchange: name, type, passive } = args
  if (name === '') throw defaultExchange()
  if (passive) {
    vhost.exchange(name)
    return
  }
  if (!TYPES.has(type)) throw unknownExchangeType(type)
  const known = vhost.exchanges.get(name)
  if (known !== undefined) assertSameExchange(known, args, vhost.name)
  else if (name.startsWith(RESERVED)) throw reservedName('exchange', name)
  else {
    const { durable, autoDelete, internal } = args
    const alternate = args.arguments[ALTERNATE]
    if (alternate !== undefined && typeof alternate !== 'string') {
      throw invalidTypeOfArgument(ALTERNATE, typeOf(alternate), 'exchange', name, vhost.name)
    }
    vhost.addExchange({ name, type, durable, autoDelete, internal, arguments: args.arguments })
  }
}

function assertSameExchange({ settings }: Exchange, args: Arguments<'exchange.declare'>, vhost: string): void {
  const { name } = settings
  assertSame('type', args.type, settings.type, 'exchange', name, vhost)
  assertSame('durable', args.durable, settings.durable, 'exchange', name, vhost)
  assertSame('auto_delete', args.autoDelete, settings.autoDelete, 'exchange', name, vhost)
  assertSame('internal', args.internal, settings.internal, 'exchange', name, vhost)
  assertSame(ALTERNATE, args.arguments[ALTERNATE], settings.arguments[ALTERNATE], 'exchange', name, vhost)
}

function bindingOf(args: Arguments<'exchange.bind'> | Arguments<'exchange.unbind'>): Binding {
  const { source, destination, routingKey } = args
  if (source === '' || destination === '') throw defaultExchange()
  return { source, destination: { kind: 'exchange', name: destination }, routingKey, arguments: args.arguments }
}

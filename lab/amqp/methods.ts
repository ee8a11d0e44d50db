import type { Table } from './table.ts'

/**
 * Every class and method of AMQP 0-9-1 (section 1 of its XML definition) with RabbitMQ's extensions, as one table.
 * Encoders, decoders and types all follow from it. Reserved arguments have the names that RabbitMQ's own
 * definition gives them ('ticket', 'outOfBand', 'knownHosts', ...); all names are in camelCase.
 */
export type ArgumentType = 'bit' | 'octet' | 'short' | 'long' | 'longlong' | 'shortstr' | 'longstr' | 'table'

/** Who may send a method. */
export type Sender = 'client' | 'server' | 'both'

const closing = { replyCode: 'short', replyText: 'shortstr', classId: 'short', methodId: 'short' } as const
const tuning = { channelMax: 'short', frameMax: 'long', heartbeat: 'short' } as const
const binding = { routingKey: 'shortstr', noWait: 'bit', arguments: 'table' } as const

export const METHODS = {
  'connection.start': server(10, 10, {
    versionMajor: 'octet',
    versionMinor: 'octet',
    serverProperties: 'table',
    mechanisms: 'longstr',
    locales: 'longstr',
  }),
  'connection.start-ok': client(10, 11, {
    clientProperties: 'table',
    mechanism: 'shortstr',
    response: 'longstr',
    locale: 'shortstr',
  }),
  'connection.secure': server(10, 20, { challenge: 'longstr' }),
  'connection.secure-ok': client(10, 21, { response: 'longstr' }),
  'connection.tune': server(10, 30, tuning),
  'connection.tune-ok': client(10, 31, tuning),
  'connection.open': client(10, 40, { virtualHost: 'shortstr', capabilities: 'shortstr', insist: 'bit' }),
  'connection.open-ok': server(10, 41, { knownHosts: 'shortstr' }),
  'connection.close': both(10, 50, closing),
  'connection.close-ok': both(10, 51, {}),
  'connection.blocked': server(10, 60, { reason: 'shortstr' }),
  'connection.unblocked': server(10, 61, {}),
  'connection.update-secret': client(10, 70, { newSecret: 'longstr', reason: 'shortstr' }),
  'connection.update-secret-ok': server(10, 71, {}),

  'channel.open': client(20, 10, { outOfBand: 'shortstr' }),
  'channel.open-ok': server(20, 11, { channelId: 'longstr' }),
  'channel.flow': both(20, 20, { active: 'bit' }),
  'channel.flow-ok': both(20, 21, { active: 'bit' }),
  'channel.close': both(20, 40, closing),
  'channel.close-ok': both(20, 41, {}),

  'access.request': client(30, 10, {
    realm: 'shortstr',
    exclusive: 'bit',
    passive: 'bit',
    active: 'bit',
    write: 'bit',
    read: 'bit',
  }),
  'access.request-ok': server(30, 11, { ticket: 'short' }),

  'exchange.declare': client(40, 10, {
    ticket: 'short',
    exchange: 'shortstr',
    type: 'shortstr',
    passive: 'bit',
    durable: 'bit',
    autoDelete: 'bit',
    internal: 'bit',
    noWait: 'bit',
    arguments: 'table',
  }),
  'exchange.declare-ok': server(40, 11, {}),
  'exchange.delete': client(40, 20, { ticket: 'short', exchange: 'shortstr', ifUnused: 'bit', noWait: 'bit' }),
  'exchange.delete-ok': server(40, 21, {}),
  'exchange.bind': client(40, 30, { ticket: 'short', destination: 'shortstr', source: 'shortstr', ...binding }),
  'exchange.bind-ok': server(40, 31, {}),
  'exchange.unbind': client(40, 40, { ticket: 'short', destination: 'shortstr', source: 'shortstr', ...binding }),
  'exchange.unbind-ok': server(40, 51, {}),

  'queue.declare': client(50, 10, {
    ticket: 'short',
    queue: 'shortstr',
    passive: 'bit',
    durable: 'bit',
    exclusive: 'bit',
    autoDelete: 'bit',
    noWait: 'bit',
    arguments: 'table',
  }),
  'queue.declare-ok': server(50, 11, { queue: 'shortstr', messageCount: 'long', consumerCount: 'long' }),
  'queue.bind': client(50, 20, { ticket: 'short', queue: 'shortstr', exchange: 'shortstr', ...binding }),
  'queue.bind-ok': server(50, 21, {}),
  'queue.purge': client(50, 30, { ticket: 'short', queue: 'shortstr', noWait: 'bit' }),
  'queue.purge-ok': server(50, 31, { messageCount: 'long' }),
  'queue.delete': client(50, 40, {
    ticket: 'short',
    queue: 'shortstr',
    ifUnused: 'bit',
    ifEmpty: 'bit',
    noWait: 'bit',
  }),
  'queue.delete-ok': server(50, 41, { messageCount: 'long' }),
  'queue.unbind': client(50, 50, {
    ticket: 'short',
    queue: 'shortstr',
    exchange: 'shortstr',
    routingKey: 'shortstr',
    arguments: 'table',
  }),
  'queue.unbind-ok': server(50, 51, {}),

  'basic.qos': client(60, 10, { prefetchSize: 'long', prefetchCount: 'short', global: 'bit' }),
  'basic.qos-ok': server(60, 11, {}),
  'basic.consume': client(60, 20, {
    ticket: 'short',
    queue: 'shortstr',
    consumerTag: 'shortstr',
    noLocal: 'bit',
    noAck: 'bit',
    exclusive: 'bit',
    noWait: 'bit',
    arguments: 'table',
  }),
  'basic.consume-ok': server(60, 21, { consumerTag: 'shortstr' }),
  // RabbitMQ sends basic.cancel too, when it ends a consumer (capability consumer_cancel_notify).
  'basic.cancel': both(60, 30, { consumerTag: 'shortstr', noWait: 'bit' }),
  'basic.cancel-ok': both(60, 31, { consumerTag: 'shortstr' }),
  'basic.publish': client(60, 40, {
    ticket: 'short',
    exchange: 'shortstr',
    routingKey: 'shortstr',
    mandatory: 'bit',
    immediate: 'bit',
  }),
  'basic.return': server(60, 50, {
    replyCode: 'short',
    replyText: 'shortstr',
    exchange: 'shortstr',
    routingKey: 'shortstr',
  }),
  'basic.deliver': server(60, 60, {
    consumerTag: 'shortstr',
    deliveryTag: 'longlong',
    redelivered: 'bit',
    exchange: 'shortstr',
    routingKey: 'shortstr',
  }),
  'basic.get': client(60, 70, { ticket: 'short', queue: 'shortstr', noAck: 'bit' }),
  'basic.get-ok': server(60, 71, {
    deliveryTag: 'longlong',
    redelivered: 'bit',
    exchange: 'shortstr',
    routingKey: 'shortstr',
    messageCount: 'long',
  }),
  'basic.get-empty': server(60, 72, { clusterId: 'shortstr' }),
  'basic.ack': both(60, 80, { deliveryTag: 'longlong', multiple: 'bit' }),
  'basic.reject': client(60, 90, { deliveryTag: 'longlong', requeue: 'bit' }),
  'basic.recover-async': client(60, 100, { requeue: 'bit' }),
  'basic.recover': client(60, 110, { requeue: 'bit' }),
  'basic.recover-ok': server(60, 111, {}),
  'basic.nack': both(60, 120, { deliveryTag: 'longlong', multiple: 'bit', requeue: 'bit' }),

  'confirm.select': client(85, 10, { noWait: 'bit' }),
  'confirm.select-ok': server(85, 11, {}),

  'tx.select': client(90, 10, {}),
  'tx.select-ok': server(90, 11, {}),
  'tx.commit': client(90, 20, {}),
  'tx.commit-ok': server(90, 21, {}),
  'tx.rollback': client(90, 30, {}),
  'tx.rollback-ok': server(90, 31, {}),
}

export type MethodName = keyof typeof METHODS

type Valued<T extends ArgumentType> = T extends 'bit'
  ? boolean
  : T extends 'octet' | 'short' | 'long'
    ? number
    : T extends 'longlong'
      ? number | bigint
      : T extends 'shortstr'
        ? string
        : T extends 'longstr'
          ? string | Uint8Array
          : Table

/** The arguments of a method, by name. A long string is text where it is UTF-8, bytes where it is not. */
export type Arguments<N extends MethodName> = {
  -readonly [K in keyof (typeof METHODS)[N]['args']]: (typeof METHODS)[N]['args'][K] extends infer T extends
    ArgumentType
    ? Valued<T>
    : never
}

/** A decoded method: `name` tells which arguments it has. */
export type DecodedMethod = { [N in MethodName]: { name: N; args: Arguments<N> } }[MethodName]

interface Spec<A> {
  classId: number
  methodId: number
  by: Sender
  args: A
}
type Types = Record<string, ArgumentType>

function client<const A extends Types>(classId: number, methodId: number, args: A): Spec<A> {
  return { classId, methodId, by: 'client', args }
}
function server<const A extends Types>(classId: number, methodId: number, args: A): Spec<A> {
  return { classId, methodId, by: 'server', args }
}
function both<const A extends Types>(classId: number, methodId: number, args: A): Spec<A> {
  return { classId, methodId, by: 'both', args }
}

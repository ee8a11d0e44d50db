import { encodeContent, encodeMethod, PROTOCOL_HEADER } from '../../lab/amqp/frames.ts'
import { METHODS, type MethodName } from '../../lab/amqp/methods.ts'
import type { Table, TableValue } from '../../lab/amqp/table.ts'

type Pick = (below: number) => number

const NAMES = ['', 'a', 'b', 'c', 'amq.topic', 'amq.fanout', 'amq.direct', 'amq.headers', 'amq.rabbitmq.reply-to']
const KEYS = ['', 'a', 'b', 'c', 'a.b', '#', '*.b', 'a.#']
const TYPES = ['direct', 'fanout', 'topic', 'headers', 'magic']
const ARGUMENTS: [string, TableValue[]][] = [
  ['x-max-length', [0, 1, 5, -1, 'x']],
  ['x-max-length-bytes', [0, 10, 1000]],
  ['x-overflow', ['drop-head', 'reject-publish', 'reject-publish-dlx', 1]],
  ['x-message-ttl', [0, 1, 5, 1000]],
  ['x-expires', [1, 10, 0]],
  ['x-dead-letter-exchange', ['', 'amq.fanout', 'amq.topic', 'a', 'nowhere']],
  ['x-dead-letter-routing-key', ['a', 'b', 'c']],
  ['x-max-priority', [0, 3, 255]],
  ['x-single-active-consumer', [true, false, 1]],
  ['x-queue-type', ['quorum', 'classic', 'quorum', 'magic']],
  ['x-delivery-limit', [0, 1, -1]],
  ['alternate-exchange', ['a', 'b', 'amq.fanout']],
  ['x-match', ['any', 'all', 'some']],
  ['x-priority', [1, -1, 'x']],
]
/** The more often a method stands here, the more often it is sent. */
const COMMON: MethodName[] = [
  'queue.declare',
  'queue.declare',
  'queue.bind',
  'exchange.declare',
  'exchange.bind',
  'basic.publish',
  'basic.publish',
  'basic.publish',
  'basic.publish',
  'basic.consume',
  'basic.get',
  'basic.ack',
  'basic.nack',
  'basic.reject',
  'confirm.select',
]
const OF_CLIENTS = Object.entries(METHODS)
  .filter(([name, { by }]) => by !== 'server' && !name.startsWith('connection.'))
  .map(([name]) => name as MethodName)

/** Frames of methods that a client may send, with arguments that mean something, on channels 1 to 3. */
export function scenario(pick: Pick, length: number): Buffer[] {
  const frames = [2, 3].map((channel) => encodeMethod(channel, 'channel.open'))
  for (let n = 0; n < length; n++) {
    const name = pick(3) > 0 ? of(pick, COMMON) : of(pick, OF_CLIENTS)
    const channel = 1 + pick(3)
    frames.push(encodeMethod(channel, name, argumentsFor(pick, name)))
    if (name === 'basic.publish') frames.push(contentFor(pick, channel))
  }
  return frames
}

/** A handshake of which any part may be wrong. */
export function handshake(pick: Pick): Buffer[] {
  const frames = [
    PROTOCOL_HEADER,
    encodeMethod(0, 'connection.start-ok', {
      mechanism: of(pick, ['PLAIN', 'PLAIN', 'AMQPLAIN']),
      response: of(pick, ['\0guest\0guest', '\0guest\0guess', 'guest']),
      locale: 'en_US',
    }),
    encodeMethod(0, 'connection.tune-ok', { channelMax: of(pick, [2047, 0]), frameMax: of(pick, [131_072, 8_192, 1]) }),
    encodeMethod(0, 'connection.open', { virtualHost: of(pick, ['/', 'other', 'nowhere']) }),
    encodeMethod(of(pick, [0, 1]), 'channel.open'),
  ]
  return frames.map((frame) => mutated(pick, frame))
}

/** The same bytes with one of them changed, some missing, some doubled, or left as they are. */
export function mutated(pick: Pick, bytes: Buffer): Buffer {
  const at = pick(bytes.length)
  switch (pick(8)) {
    case 0: {
      const changed = Buffer.from(bytes)
      changed[at] = pick(256)
      return changed
    }
    case 1:
      return bytes.subarray(0, at)
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - pick(8)))])
    case 3:
      return Buffer.concat([bytes, bytes])
    default:
      return bytes
  }
}

function of<T>(pick: Pick, items: readonly T[]): T {
  return items[pick(items.length)] as T
}

function argumentsFor(pick: Pick, name: MethodName): object {
  const args: Record<string, unknown> = {}
  for (const [arg, type] of Object.entries(METHODS[name].args)) {
    if (type === 'bit') args[arg] = pick(3) === 0
    else if (type === 'table') args[arg] = tableOf(pick)
    else if (type === 'shortstr') args[arg] = textFor(pick, arg)
    else if (type === 'longlong') args[arg] = pick(6)
    else if (type === 'short') args[arg] = pick(4)
    else if (type === 'long') args[arg] = 0
  }
  // What ends the connection at once would leave little to be seen.
  if (name === 'channel.flow') args['active'] = true
  if (name === 'basic.publish') args['immediate'] = pick(50) === 0
  if (name.startsWith('basic.recover')) args['requeue'] = pick(50) > 0
  return args
}

function textFor(pick: Pick, arg: string): string {
  if (arg === 'routingKey') return of(pick, KEYS)
  if (arg === 'type') return of(pick, TYPES)
  if (arg === 'consumerTag') return pick(2) === 0 ? '' : `tag ${pick(1000)}`
  return of(pick, NAMES)
}

function tableOf(pick: Pick): Table {
  const table: Table = {}
  for (let n = pick(4); n > 0; n--) {
    const [name, values] = of(pick, ARGUMENTS)
    table[name] = of(pick, values)
  }
  return table
}

function contentFor(pick: Pick, channel: number): Buffer {
  const headers: Table = { own: pick(3) }
  if (pick(4) === 0) headers['CC'] = [of(pick, KEYS), of(pick, KEYS)]
  if (pick(8) === 0) headers['BCC'] = pick(4) === 0 ? 1 : [of(pick, KEYS)]
  const properties = {
    ...(pick(2) === 0 && { headers }),
    ...(pick(3) === 0 && { deliveryMode: 1 + pick(2) }),
    ...(pick(3) === 0 && { priority: pick(12) }),
    ...(pick(6) === 0 && { expiration: of(pick, ['0', '1', '5', '1000', 'soon']) }),
    ...(pick(8) === 0 && { replyTo: of(pick, NAMES) }),
    ...(pick(20) === 0 && { userId: of(pick, ['guest', 'somebody']) }),
  }
  return encodeContent(channel, properties, Buffer.alloc(of(pick, [0, 1, 10, 500, 20_000])), 8_192)
}

import type { Table, TableValue } from '../../amqp/table.ts'
import { plain, typeOf } from '../erlang.ts'
import { argumentOfOtherType, inequivalent, invalidArgument, invalidTypeOfArgument, notHere } from '../errors.ts'

export type QueueType = 'classic' | 'quorum'
export type Overflow = 'drop-head' | 'reject-publish' | 'reject-publish-dlx'

/** What the arguments of a queue mean. */
export interface QueueSettings {
  type: QueueType
  expiresMs: number | undefined
  messageTtlMs: number | undefined
  deadLetterExchange: string | undefined
  deadLetterRoutingKey: string | undefined
  maxLength: number | undefined
  maxLengthBytes: number | undefined
  overflow: Overflow
  maxPriority: number
  singleActiveConsumer: boolean
  deliveryLimit: number
}

/** Ten years. */
const LONGEST_MS = 315_360_000_000
const LONGEST_KEY_BYTES = 255
const HIGHEST_PRIORITY = 255
const USUAL_DELIVERY_LIMIT = 20
const OVERFLOWS: readonly string[] = ['drop-head', 'reject-publish', 'reject-publish-dlx']
/**
 * What a queue of this type may be declared with, and must be declared with again, in the order in which RabbitMQ
 * compares it. Others than all of these don't count.
 */
const ARGUMENTS: Record<QueueType | 'stream', readonly string[]> = {
  classic: [
    'x-expires',
    'x-message-ttl',
    'x-dead-letter-exchange',
    'x-dead-letter-routing-key',
    'x-max-length',
    'x-max-length-bytes',
    'x-max-priority',
    'x-overflow',
    'x-queue-mode',
    'x-queue-version',
    'x-single-active-consumer',
    'x-queue-type',
    'x-queue-leader-locator',
  ],
  quorum: [
    'x-dead-letter-exchange',
    'x-dead-letter-routing-key',
    'x-dead-letter-strategy',
    'x-expires',
    'x-max-length',
    'x-max-length-bytes',
    'x-max-in-memory-length',
    'x-max-in-memory-bytes',
    'x-overflow',
    'x-single-active-consumer',
    'x-queue-type',
    'x-quorum-initial-group-size',
    'x-delivery-limit',
    'x-message-ttl',
    'x-queue-leader-locator',
    'x-consumer-disconnected-timeout',
    'x-consumer-timeout',
    'x-delayed-retry-type',
    'x-delayed-retry-min',
    'x-delayed-retry-max',
  ],
  stream: ['x-max-age', 'x-stream-max-segment-size-bytes', 'x-stream-filter-size-bytes', 'x-initial-cluster-size'],
}
const ALL_ARGUMENTS = Object.values(ARGUMENTS).flat()
const STRATEGIES: readonly string[] = ['at-most-once', 'at-least-once']
/** They make no difference here, but must be numbers. */
const UNUSED_NUMBERS = [
  'x-max-in-memory-length',
  'x-max-in-memory-bytes',
  'x-consumer-timeout',
  'x-consumer-disconnected-timeout',
]
const LOCATORS: readonly TableValue[] = ['client-local', 'balanced']

/** Reads the arguments of queue.declare. @throws ChannelError for the first that can't be */
export function readSettings(args: Table, queue: string, vhost: string): QueueSettings {
  const invalid = (arg: string, reason: string) => invalidArgument(arg, 'queue', queue, vhost, reason)

  function integer(arg: string, lowest: 0 | 1, highest = Number.POSITIVE_INFINITY): number | undefined {
    const value = args[arg]
    if (value === undefined) return undefined
    if ((typeof value !== 'number' || !Number.isInteger(value)) && typeof value !== 'bigint') {
      throw invalid(arg, `"expected integer, got ${typeOf(value)}"`)
    }
    if (value < 0) throw invalid(arg, `{value_negative,${value}}`)
    if (value < lowest) throw invalid(arg, `{value_zero,${value}}`)
    if (value > highest) {
      throw invalid(arg, `{${highest === HIGHEST_PRIORITY ? 'max_value_exceeded' : 'value_too_large'},${value}}`)
    }
    return Number(value)
  }

  function text(arg: string): string | undefined {
    const value = args[arg]
    if (value === undefined || typeof value === 'string') return value
    throw invalidTypeOfArgument(arg, typeOf(value), 'queue', queue, vhost)
  }

  function choice(arg: string): string | undefined {
    const value = args[arg]
    if (value === undefined || typeof value === 'string') return value
    throw invalid(arg, `{unacceptable_type,${typeOf(value)}}`)
  }

  function yesOrNo(arg: string): boolean {
    const value = args[arg]
    if (value === undefined || typeof value === 'boolean') return value ?? false
    throw invalid(arg, `{unacceptable_type,${typeOf(value)}}`)
  }

  const named = choice('x-queue-type') ?? 'classic'
  if (named === 'stream') throw notHere('the embedded broker has no streams')
  if (named !== 'classic' && named !== 'quorum') throw invalid('x-queue-type', `"unsupported queue type '${named}'"`)
  const foreign = ALL_ARGUMENTS.find((arg) => args[arg] !== undefined && !ARGUMENTS[named].includes(arg))
  if (foreign !== undefined) throw argumentOfOtherType(foreign, queue, vhost, `rabbit_${named}_queue`)
  const overflow = choice('x-overflow') ?? 'drop-head'
  if (!OVERFLOWS.includes(overflow)) throw invalid('x-overflow', 'invalid_overflow')
  const version = integer('x-queue-version', 0)
  if (version !== undefined && version !== 2) {
    throw invalid('x-queue-version', `"unsupported queue version '${version}'"`)
  }
  const locator = args['x-queue-leader-locator']
  if (locator !== undefined && !LOCATORS.includes(locator)) {
    throw invalid('x-queue-leader-locator', 'invalid_queue_locator_arg')
  }
  const strategy = choice('x-dead-letter-strategy') ?? 'at-most-once'
  if (!STRATEGIES.includes(strategy)) throw invalid('x-dead-letter-strategy', 'invalid_dlx_strategy')
  for (const arg of UNUSED_NUMBERS) integer(arg, 0)
  integer('x-quorum-initial-group-size', 1)
  // Whoever asks for priorities up to 0 gets two of them.
  const highest = integer('x-max-priority', 0, HIGHEST_PRIORITY)
  const settings: QueueSettings = {
    type: named,
    expiresMs: integer('x-expires', 1, LONGEST_MS),
    messageTtlMs: integer('x-message-ttl', 0, LONGEST_MS),
    deadLetterExchange: text('x-dead-letter-exchange'),
    deadLetterRoutingKey: text('x-dead-letter-routing-key'),
    maxLength: integer('x-max-length', 0),
    maxLengthBytes: integer('x-max-length-bytes', 0),
    overflow: overflow as Overflow,
    maxPriority: highest === undefined ? 0 : Math.max(highest, 1),
    singleActiveConsumer: yesOrNo('x-single-active-consumer'),
    deliveryLimit: deliveryLimit(args['x-delivery-limit']),
  }
  if (settings.deadLetterRoutingKey !== undefined && settings.deadLetterExchange === undefined) {
    throw invalid('x-dead-letter-routing-key', 'routing_key_but_no_dlx_defined')
  }
  if (Buffer.byteLength(settings.deadLetterRoutingKey ?? '') > LONGEST_KEY_BYTES) {
    throw invalid('x-dead-letter-routing-key', 'longer_than_a_routing_key')
  }
  return settings
}

/** Below zero there is none. */
function deliveryLimit(value: TableValue | undefined): number {
  if (typeof value !== 'number') return USUAL_DELIVERY_LIMIT
  return value < 0 ? Number.POSITIVE_INFINITY : value
}

/** @throws ChannelError when the queue exists with other arguments */
export function assertSameArguments(received: Table, current: Table, queue: string, vhost: string): void {
  const [mine, theirs] = [received, current].map((args) => ({ 'x-queue-type': 'classic', ...args }) as Table)
  const type = current['x-queue-type'] === 'quorum' ? 'quorum' : 'classic'
  for (const arg of ARGUMENTS[type]) assertSame(arg, mine?.[arg], theirs?.[arg], 'queue', queue, vhost)
}

/** @throws ChannelError */
export function assertSame(
  arg: string,
  received: TableValue | undefined,
  current: TableValue | undefined,
  kind: 'queue' | 'exchange',
  name: string,
  vhost: string,
): void {
  if (received === current) return
  if (received !== undefined && current !== undefined) {
    if (plain(received) === plain(current)) return
    throw inequivalent(arg, kind, name, vhost, `received '${plain(received)}' but current is '${plain(current)}'`)
  }
  const detail =
    received === undefined
      ? `received none but current is ${valued(current as TableValue)}`
      : `received ${valued(received)} but current is none`
  throw inequivalent(arg, kind, name, vhost, detail)
}

function valued(value: TableValue): string {
  return `the value '${plain(value)}' of type '${typeOf(value)}'`
}

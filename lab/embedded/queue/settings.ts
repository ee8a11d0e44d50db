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

const LONGEST_MS = 4_294_967_295
const HIGHEST_PRIORITY = 255
const USUAL_DELIVERY_LIMIT = 20
const OVERFLOWS: readonly string[] = ['drop-head', 'reject-publish', 'reject-publish-dlx']
/** Arguments that a queue of the other type can't have. */
const ONLY: Record<QueueType, string[]> = {
  classic: ['x-max-priority', 'x-queue-mode'],
  quorum: ['x-delivery-limit', 'x-quorum-initial-group-size', 'x-quorum-target-group-size'],
}

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
  const overflow = choice('x-overflow') ?? 'drop-head'
  if (!OVERFLOWS.includes(overflow)) throw invalid('x-overflow', 'invalid_overflow')
  const version = integer('x-queue-version', 0)
  if (version !== undefined && version !== 1 && version !== 2) {
    throw invalid('x-queue-version', `"unsupported queue version '${version}'"`)
  }
  const settings: QueueSettings = {
    type: named,
    expiresMs: integer('x-expires', 1, LONGEST_MS),
    messageTtlMs: integer('x-message-ttl', 0, LONGEST_MS),
    deadLetterExchange: text('x-dead-letter-exchange'),
    deadLetterRoutingKey: text('x-dead-letter-routing-key'),
    maxLength: integer('x-max-length', 0),
    maxLengthBytes: integer('x-max-length-bytes', 0),
    overflow: overflow as Overflow,
    maxPriority: integer('x-max-priority', 0, HIGHEST_PRIORITY) ?? 0,
    singleActiveConsumer: yesOrNo('x-single-active-consumer'),
    deliveryLimit: deliveryLimit(args['x-delivery-limit']),
  }
  if (settings.deadLetterRoutingKey !== undefined && settings.deadLetterExchange === undefined) {
    throw invalid('x-dead-letter-routing-key', 'routing_key_but_no_dlx_defined')
  }
  const foreign = ONLY[named === 'quorum' ? 'classic' : 'quorum'].find((arg) => args[arg] !== undefined)
  if (foreign !== undefined) throw argumentOfOtherType(foreign, queue, vhost, `rabbit_${named}_queue`)
  return settings
}

/** Below zero there is none. */
function deliveryLimit(value: TableValue | undefined): number {
  if (typeof value !== 'number') return USUAL_DELIVERY_LIMIT
  return value < 0 ? Number.POSITIVE_INFINITY : value
}

/** A queue that is declared again must have the same of these; others don't count. */
const COMPARED = [
  'x-expires',
  'x-message-ttl',
  'x-dead-letter-exchange',
  'x-dead-letter-routing-key',
  'x-max-length',
  'x-max-length-bytes',
  'x-max-priority',
  'x-overflow',
  'x-single-active-consumer',
  'x-delivery-limit',
  'x-queue-mode',
]

/** @throws ChannelError when the queue exists with other arguments */
export function assertSameArguments(received: Table, current: Table, queue: string, vhost: string): void {
  const types = [received, current].map((args) => args['x-queue-type'] ?? 'classic') as [TableValue, TableValue]
  assertSame('x-queue-type', types[0], types[1], 'queue', queue, vhost)
  for (const arg of COMPARED) assertSame(arg, received[arg], current[arg], 'queue', queue, vhost)
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

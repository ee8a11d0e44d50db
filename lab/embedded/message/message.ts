import { Reader } from '../../amqp/bytes.ts'
import { readTable, type Table } from '../../amqp/table.ts'
import type { Death } from './death.ts'
import { FLAGS, locate, readOctet } from './raw-table.ts'

const PERSISTENT = 2
/** What a message takes besides its content, roughly. */
const OVERHEAD_BYTES = 400

/** A message as it was published. It may be in several queues: each has an entry of its own for it. */
export class Message {
  readonly exchange: string
  readonly routingKey: string
  /** Further routing keys, from the header CC; those from BCC are forgotten once it is routed. */
  readonly cc: readonly string[]
  /** Properties and then the body, as they came: one piece of memory, for there may be many messages. */
  readonly content: Buffer
  readonly propertiesSize: number
  /** Milliseconds; -1: none. */
  readonly expirationMs: number
  /** What became of it in queues where it died. */
  readonly deaths: readonly Death[]
  /** How often consumers failed with it before it died: it comes as redelivered from the next queue, too. */
  readonly failures: number

  constructor(fields: {
    exchange: string
    routingKey: string
    cc: readonly string[]
    content: Buffer
    propertiesSize: number
    expirationMs: number
    deaths?: readonly Death[]
    failures?: number
  }) {
    this.exchange = fields.exchange
    this.routingKey = fields.routingKey
    this.cc = fields.cc
    this.content = fields.content
    this.propertiesSize = fields.propertiesSize
    this.expirationMs = fields.expirationMs
    this.deaths = fields.deaths ?? NONE
    this.failures = fields.failures ?? 0
  }

  get rawProperties(): Buffer {
    return this.content.subarray(0, this.propertiesSize)
  }

  get body(): Buffer {
    return this.content.subarray(this.propertiesSize)
  }

  get bodySize(): number {
    return this.content.length - this.propertiesSize
  }

  /** How much memory it takes, in bytes. */
  get footprint(): number {
    return this.content.length + OVERHEAD_BYTES
  }

  get isPersistent(): boolean {
    return readOctet(this.rawProperties, FLAGS.deliveryMode) === PERSISTENT
  }

  get priority(): number | undefined {
    return readOctet(this.rawProperties, FLAGS.priority)
  }

  get headers(): Table {
    return headersOf(this.rawProperties)
  }
}

const NONE: readonly never[] = []

export function headersOf(raw: Buffer): Table {
  const place = locate(raw, FLAGS.headers)
  return place === undefined ? {} : readTable(new Reader(raw, place.from, place.to))
}

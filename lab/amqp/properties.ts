import { DecodeError, Reader, type Writer } from './bytes.ts'
import { readTable, type Table, writeTable } from './table.ts'

/** The properties of a message: section 1.8 (class basic) of the specification's XML definition. */
export interface Properties {
  contentType?: string
  contentEncoding?: string
  headers?: Table
  /** 1 transient, 2 persistent. */
  deliveryMode?: number
  priority?: number
  correlationId?: string
  replyTo?: string
  /** Milliseconds, as text. */
  expiration?: string
  messageId?: string
  /** Seconds since 1970. */
  timestamp?: number | bigint
  type?: string
  userId?: string
  appId?: string
  clusterId?: string
}

/** In the order of their flags: the first has bit 15 (section 4.2.6.1 'The Content Header'). */
const ORDER: [name: keyof Properties, type: 'shortstr' | 'octet' | 'longlong' | 'table'][] = [
  ['contentType', 'shortstr'],
  ['contentEncoding', 'shortstr'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'shortstr'],
  ['replyTo', 'shortstr'],
  ['expiration', 'shortstr'],
  ['messageId', 'shortstr'],
  ['timestamp', 'longlong'],
  ['type', 'shortstr'],
  ['userId', 'shortstr'],
  ['appId', 'shortstr'],
  ['clusterId', 'shortstr'],
]
const UNKNOWN_FLAGS = 0b11

/** A content header whose properties are not decoded yet: a broker passes them on as they are. */
export interface ContentHeader {
  classId: number
  bodySize: number | bigint
  /** The flags and the values: a view into the frame. `decodeProperties` reads it. */
  rawProperties: Buffer
}

/** Decodes the payload of a header frame, all but the properties. @throws DecodeError */
export function decodeHeader(payload: Buffer): ContentHeader {
  const reader = new Reader(payload)
  const classId = reader.short()
  reader.take(2) // 'weight', unused
  const bodySize = reader.longlong()
  return { classId, bodySize, rawProperties: payload.subarray(reader.offset) }
}

/** Decodes flags and values. @throws DecodeError */
export function decodeProperties(raw: Buffer): Properties {
  const reader = new Reader(raw)
  const flags = reader.short()
  if (flags & UNKNOWN_FLAGS) throw new DecodeError('flags for properties that class basic does not have')
  const properties: Record<string, unknown> = {}
  for (let index = 0; index < ORDER.length; index++) {
    if ((flags & (0x8000 >> index)) === 0) continue
    const [name, type] = ORDER[index] as (typeof ORDER)[number]
    properties[name] = type === 'table' ? readTable(reader) : reader[type]()
  }
  return properties as Properties
}

/** Writes flags and values; properties that are undefined are left out. @throws EncodeError */
export function writeProperties(writer: Writer, properties: Properties): void {
  const at = writer.room(2)
  let flags = 0
  for (let index = 0; index < ORDER.length; index++) {
    const [name, type] = ORDER[index] as (typeof ORDER)[number]
    const value = properties[name]
    if (value === undefined) continue
    flags |= 0x8000 >> index
    if (type === 'table') writeTable(writer, value as Table)
    else if (type === 'octet') writer.octet(value as number)
    else if (type === 'longlong') writer.longlong(value as number | bigint)
    else writer.shortstr(value as string)
  }
  writer.bytes.writeUInt16BE(flags, at)
}

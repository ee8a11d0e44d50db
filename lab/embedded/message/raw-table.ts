import { DecodeError, Reader, Writer } from '../../amqp/bytes.ts'
import { type Table, writeTable } from '../../amqp/table.ts'

/**
 * Properties of a message are passed on as they came. Where the broker must change their headers, only those fields
 * are changed: the others keep their bytes, and with them types that decoding would lose.
 */

/** The flags in front of the properties (section 4.2.6.1), as far as the broker cares. */
export const FLAGS = {
  contentType: 0x8000,
  contentEncoding: 0x4000,
  headers: 0x2000,
  deliveryMode: 0x1000,
  priority: 0x0800,
  correlationId: 0x0400,
  replyTo: 0x0200,
  expiration: 0x0100,
  userId: 0x0010,
} as const

const ORDER: ('shortstr' | 'table' | 'octet' | 'longlong')[] = [
  'shortstr',
  'shortstr',
  'table',
  'octet',
  'octet',
  'shortstr',
  'shortstr',
  'shortstr',
  'shortstr',
  'longlong',
  'shortstr',
  'shortstr',
  'shortstr',
  'shortstr',
]

/** Where a property's value stands in raw properties, by its flag; undefined when it is not there. */
export function locate(raw: Buffer, flag: number): { from: number; to: number } | undefined {
  const flags = raw.readUInt16BE(0)
  if ((flags & flag) === 0) return undefined
  const reader = new Reader(raw, 2)
  for (let index = 0; ; index++) {
    const each = 0x8000 >> index
    if ((flags & each) === 0) continue
    const from = reader.offset
    skipProperty(reader, ORDER[index])
    if (each === flag) return { from, to: reader.offset }
  }
}

/** Reads over all properties. @throws DecodeError */
export function checkProperties(raw: Buffer): void {
  const reader = new Reader(raw)
  const flags = reader.short()
  for (let index = 0; index < ORDER.length; index++) {
    if ((flags & (0x8000 >> index)) !== 0) skipProperty(reader, ORDER[index])
  }
}

function skipProperty(reader: Reader, type: string | undefined): void {
  if (type === 'octet') reader.take(1)
  else if (type === 'longlong') reader.take(8)
  else if (type === 'shortstr') reader.take(reader.octet())
  else reader.take(reader.long())
}

/** A short string among the properties. */
export function readShortstr(raw: Buffer, flag: number): string | undefined {
  const place = locate(raw, flag)
  return place && raw.toString('utf8', place.from + 1, place.to)
}

export function readOctet(raw: Buffer, flag: number): number | undefined {
  const place = locate(raw, flag)
  return place && raw[place.from]
}

export interface Change {
  /** Headers that are taken away. */
  without?: ReadonlySet<string>
  /** Headers that are added, or replaced. */
  headers?: Table
  /** Short strings that are set, by flag; undefined takes the property away. */
  shortstrs?: Map<number, string | undefined>
}

const scratch = new Writer()

/** The same properties, changed. */
export function changed(raw: Buffer, { without = new Set(), headers = {}, shortstrs = new Map() }: Change): Buffer {
  const flags = raw.readUInt16BE(0)
  const reader = new Reader(raw, 2)
  scratch.length = 0
  scratch.short(0)
  let newFlags = 0
  for (let index = 0; index < ORDER.length; index++) {
    const flag = 0x8000 >> index
    const type = ORDER[index]
    const from = reader.offset
    if ((flags & flag) !== 0) skipProperty(reader, type)
    const before = raw.subarray(from, reader.offset)
    if (flag === FLAGS.headers) {
      if (writeHeaders(before, without, headers)) newFlags |= flag
    } else if (shortstrs.has(flag)) {
      const text = shortstrs.get(flag)
      if (text === undefined) continue
      scratch.shortstr(text)
      newFlags |= flag
    } else if (before.length > 0) {
      scratch.raw(before)
      newFlags |= flag
    }
  }
  scratch.bytes.writeUInt16BE(newFlags, 0)
  return scratch.flush()
}

/** False when there are none, and nothing was written. */
function writeHeaders(before: Buffer, without: ReadonlySet<string>, added: Table): boolean {
  const hasAdded = Object.keys(added).length > 0
  if (before.length === 0 && !hasAdded) return false
  const at = scratch.room(4)
  for (const { key, from, to } of fieldsOf(before)) {
    if (!without.has(key) && !Object.hasOwn(added, key)) scratch.raw(before.subarray(from, to))
  }
  if (hasAdded) {
    // A table of its own, whose length in front is taken away again: its fields are what is wanted.
    const start = scratch.length
    writeTable(scratch, added)
    scratch.bytes.copyWithin(start, start + 4, scratch.length)
    scratch.length -= 4
  }
  scratch.patchLong(at)
  return true
}

/** The fields of a table in the raw, its length in front included; [] for no bytes at all. */
export function fieldsOf(table: Buffer): { key: string; from: number; to: number; value: number }[] {
  if (table.length === 0) return []
  const reader = new Reader(table, 4)
  const fields = []
  while (reader.offset < table.length) {
    const from = reader.offset
    const key = reader.shortstr()
    const value = reader.offset
    skipValue(reader)
    fields.push({ key, from, to: reader.offset, value })
  }
  return fields
}

const SIZES: Record<string, number> = { t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, l: 8, f: 4, d: 8, D: 5, T: 8, V: 0 }

function skipValue(reader: Reader): void {
  const letter = String.fromCharCode(reader.octet())
  const size = SIZES[letter]
  if (size !== undefined) reader.take(size)
  else if ('SFAx'.includes(letter)) reader.take(reader.long())
  else throw new DecodeError(`unknown field type ${JSON.stringify(letter)}`)
}

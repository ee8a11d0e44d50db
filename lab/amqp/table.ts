import { isUtf8 } from 'node:buffer'
import { DecodeError, EncodeError, type Reader, type Writer } from './bytes.ts'

/**
 * Field tables: section 4.2.5.5 of the specification, with the type letters that RabbitMQ really uses
 * ('AMQP 0-9-1 errata', section 3):
 *
 *   t boolean     b int8    s int16   I int32   l int64     f float    S long string   F table   V nothing
 *                 B uint8   u uint16  i uint32  T timestamp d double   x bytes         A array   D decimal
 */
export interface Table {
  [key: string]: TableValue | undefined
}
export type TableValue = string | number | bigint | boolean | null | Uint8Array | Typed | TableValue[] | Table

/** A value whose type is said, not guessed: amqplib writes it so, too. A timestamp counts seconds. */
export interface Typed {
  '!': keyof typeof LETTERS
  value: number | bigint | string | Uint8Array | { places: number; digits: number }
}

const LETTERS = {
  byte: 'b',
  int8: 'b',
  unsignedbyte: 'B',
  uint8: 'B',
  short: 's',
  int16: 's',
  unsignedshort: 'u',
  uint16: 'u',
  int: 'I',
  int32: 'I',
  unsignedint: 'i',
  uint32: 'i',
  long: 'l',
  int64: 'l',
  float: 'f',
  double: 'd',
  float64: 'd',
  decimal: 'D',
  timestamp: 'T',
  longstr: 'S',
} as const

type Letter = (typeof LETTERS)[keyof typeof LETTERS]

const DEEPEST = 128

/** Reads a table with its length in front. @throws DecodeError */
export function readTable(reader: Reader, depth = 0): Table {
  if (depth > DEEPEST) throw new DecodeError(`tables nested more than ${DEEPEST} deep`)
  const size = reader.long()
  const end = reader.take(size) + size
  reader.offset = end - size
  const table: Table = {}
  while (reader.offset < end) {
    const key = reader.shortstr()
    const value = readValue(reader, depth)
    // A plain assignment would change the object's prototype instead of adding a key.
    if (key === '__proto__')
      Object.defineProperty(table, key, { value, enumerable: true, writable: true, configurable: true })
    else table[key] = value
  }
  if (reader.offset !== end) throw new DecodeError('a table whose last value is longer than the table')
  return table
}

function readValue(reader: Reader, depth: number): TableValue {
  const letter = String.fromCharCode(reader.octet())
  switch (letter) {
    case 'S': {
      const bytes = reader.longstr()
      return isUtf8(bytes) ? bytes.toString('utf8') : { '!': 'longstr', value: Buffer.from(bytes) }
    }
    case 't':
      return reader.octet() !== 0
    case 'b':
      return reader.bytes.readInt8(reader.take(1))
    case 'B':
      return reader.octet()
    case 's':
      return reader.bytes.readInt16BE(reader.take(2))
    case 'u':
      return reader.short()
    case 'I':
      return reader.bytes.readInt32BE(reader.take(4))
    case 'i':
      return reader.long()
    case 'l':
      return reader.signedLonglong()
    case 'f':
      return reader.bytes.readFloatBE(reader.take(4))
    case 'd':
      return reader.bytes.readDoubleBE(reader.take(8))
    case 'D':
      return { '!': 'decimal', value: { places: reader.octet(), digits: reader.long() } }
    case 'T':
      return { '!': 'timestamp', value: reader.longlong() }
    case 'F':
      return readTable(reader, depth + 1)
    case 'A':
      return readArray(reader, depth + 1)
    case 'V':
      return null
    case 'x':
      return Buffer.from(reader.longstr())
    default:
      throw new DecodeError(`unknown field type ${JSON.stringify(letter)}`)
  }
}

function readArray(reader: Reader, depth: number): TableValue[] {
  if (depth > DEEPEST) throw new DecodeError(`tables nested more than ${DEEPEST} deep`)
  const size = reader.long()
  const end = reader.take(size) + size
  reader.offset = end - size
  const values: TableValue[] = []
  while (reader.offset < end) values.push(readValue(reader, depth))
  if (reader.offset !== end) throw new DecodeError('an array whose last value is longer than the array')
  return values
}

/** Writes a table with its length in front; keys that are undefined are left out. @throws EncodeError */
export function writeTable(writer: Writer, table: Table): void {
  const at = writer.room(4)
  for (const key in table) {
    const value = table[key]
    if (value === undefined) continue
    writer.shortstr(key)
    writeValue(writer, value)
  }
  writer.patchLong(at)
}

function writeValue(writer: Writer, value: TableValue): void {
  if (typeof value === 'string') writeTyped(writer, 'S', value)
  else if (typeof value === 'number') writeTyped(writer, smallest(value), value)
  else if (typeof value === 'bigint') writeTyped(writer, 'l', value)
  else if (typeof value === 'object') writeObject(writer, value)
  else if (typeof value === 'boolean') {
    writer.text('t')
    writer.octet(value ? 1 : 0)
  } else throw new EncodeError(`a field table holds no ${typeof value}`)
}

function writeObject(writer: Writer, value: Table | Typed | TableValue[] | Uint8Array | null): void {
  if (value === null) {
    writer.text('V')
  } else if (Array.isArray(value)) {
    writer.text('A')
    const at = writer.room(4)
    for (const item of value) writeValue(writer, item)
    writer.patchLong(at)
  } else if (value instanceof Uint8Array) {
    writer.text('x')
    writer.longstr(value)
  } else if (Object.hasOwn(value, '!')) {
    const { '!': type, value: inner } = value as Typed
    const letter = LETTERS[type]
    if (letter === undefined) throw new EncodeError(`a field table has no type '${type}'`)
    writeTyped(writer, letter, inner)
  } else {
    writer.text('F')
    writeTable(writer, value as Table)
  }
}

/** The letter for a number whose type nobody said: the shortest signed one that holds it, as amqplib has it. */
function smallest(value: number): 'b' | 's' | 'I' | 'l' | 'd' {
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63) return 'd'
  if (value >= -0x80 && value < 0x80) return 'b'
  if (value >= -0x8000 && value < 0x8000) return 's'
  if (value >= -0x8000_0000 && value < 0x8000_0000) return 'I'
  return 'l'
}

function writeTyped(writer: Writer, letter: Letter, value: Typed['value']): void {
  writer.text(letter)
  if (letter === 'S') writer.longstr(value as string | Uint8Array)
  else if (letter === 'T') writer.longlong(value as number | bigint)
  else if (letter === 'D') {
    const { places, digits } = value as { places: number; digits: number }
    writer.octet(places)
    writer.long(digits)
  } else if (letter === 'l') {
    const at = writer.room(8)
    writer.bytes.writeBigInt64BE(BigInt(value as number | bigint), at)
  } else writeNumber(writer, letter, Number(value))
}

const SIZES = { b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, f: 4, d: 8 } as const

function writeNumber(writer: Writer, letter: keyof typeof SIZES, value: number): void {
  const at = writer.room(SIZES[letter])
  const { bytes } = writer
  if (letter === 'b') bytes.writeInt8(value, at)
  else if (letter === 'B') bytes.writeUInt8(value, at)
  else if (letter === 's') bytes.writeInt16BE(value, at)
  else if (letter === 'u') bytes.writeUInt16BE(value, at)
  else if (letter === 'I') bytes.writeInt32BE(value, at)
  else if (letter === 'i') bytes.writeUInt32BE(value, at)
  else if (letter === 'f') bytes.writeFloatBE(value, at)
  else bytes.writeDoubleBE(value, at)
}

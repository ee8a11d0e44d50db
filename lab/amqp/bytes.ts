/** What was received can't be read as AMQP 0-9-1. The message says why, in words for a trace. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DecodeError'
  }
}

/** What was to be sent has no form in AMQP 0-9-1: a short string of more than 255 bytes, an unknown type, ... */
export class EncodeError extends TypeError {
  constructor(message: string) {
    super(message)
    this.name = 'EncodeError'
  }
}

const TWO_TO_32 = 0x1_0000_0000

/** Reads the data types of section 4.2.5 of the AMQP 0-9-1 specification, in order, and never past the end. */
export class Reader {
  readonly bytes: Buffer
  offset: number
  readonly end: number

  constructor(bytes: Buffer, offset = 0, end = bytes.length) {
    this.bytes = bytes
    this.offset = offset
    this.end = end
  }

  /** Steps over `size` bytes and returns where they begin. */
  take(size: number): number {
    const at = this.offset
    if (at + size > this.end) throw new DecodeError(`${size} bytes expected, ${this.end - at} left`)
    this.offset = at + size
    return at
  }

  octet(): number {
    return this.bytes.readUInt8(this.take(1))
  }

  short(): number {
    return this.bytes.readUInt16BE(this.take(2))
  }

  long(): number {
    return this.bytes.readUInt32BE(this.take(4))
  }

  /** Unsigned, 64 bits; a bigint only where no number can hold it. */
  longlong(): number | bigint {
    const at = this.take(8)
    const value = this.bytes.readUInt32BE(at) * TWO_TO_32 + this.bytes.readUInt32BE(at + 4)
    return Number.isSafeInteger(value) ? value : this.bytes.readBigUInt64BE(at)
  }

  /** Signed, 64 bits; a bigint only where no number can hold it. */
  signedLonglong(): number | bigint {
    const at = this.take(8)
    const value = this.bytes.readInt32BE(at) * TWO_TO_32 + this.bytes.readUInt32BE(at + 4)
    return Number.isSafeInteger(value) ? value : this.bytes.readBigInt64BE(at)
  }

  shortstr(): string {
    const size = this.octet()
    const at = this.take(size)
    return size === 0 ? '' : this.bytes.toString('utf8', at, at + size)
  }

  /** The bytes of a long string: a view, not a copy. */
  longstr(): Buffer {
    const size = this.long()
    const at = this.take(size)
    return this.bytes.subarray(at, at + size)
  }
}

const FIRST_SIZE = 4_096

/** Writes the same data types into a buffer that grows; made to be used again and again. */
export class Writer {
  bytes: Buffer = Buffer.allocUnsafe(FIRST_SIZE)
  /** How many bytes are written. Setting it back takes them away again. */
  length = 0

  /** Makes room for `size` more bytes and returns where they begin; the caller fills them. */
  room(size: number): number {
    const at = this.length
    const needed = at + size
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2))
      this.bytes.copy(larger, 0, 0, at)
      this.bytes = larger
    }
    this.length = needed
    return at
  }

  octet(value: number): void {
    const at = this.room(1)
    this.bytes.writeUInt8(value, at)
  }

  short(value: number): void {
    const at = this.room(2)
    this.bytes.writeUInt16BE(value, at)
  }

  long(value: number): void {
    const at = this.room(4)
    this.bytes.writeUInt32BE(value, at)
  }

  longlong(value: number | bigint): void {
    const at = this.room(8)
    this.bytes.writeBigUInt64BE(BigInt(value), at)
  }

  raw(value: Uint8Array): void {
    const at = this.room(value.length)
    this.bytes.set(value, at)
  }

  /** UTF-8 without a length in front. Returns the number of bytes. */
  text(value: string): number {
    const at = this.room(value.length * 3)
    const size = this.bytes.write(value, at, 'utf8')
    this.length = at + size
    return size
  }

  shortstr(value: string): void {
    const at = this.room(1)
    const size = this.text(value)
    if (size > 255) throw new EncodeError(`a short string has at most 255 bytes, not ${size}`)
    this.bytes.writeUInt8(size, at)
  }

  longstr(value: string | Uint8Array): void {
    const at = this.room(4)
    if (typeof value === 'string') this.text(value)
    else this.raw(value)
    this.patchLong(at)
  }

  /** Writes the number of bytes that follow the four at `at`, into those four. */
  patchLong(at: number): void {
    this.bytes.writeUInt32BE(this.length - at - 4, at)
  }

  /** A copy of what is written; the writer is empty then. */
  flush(): Buffer {
    const copy = Buffer.from(this.bytes.subarray(0, this.length))
    this.length = 0
    return copy
  }
}

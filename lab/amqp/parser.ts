import { FRAME_END, FRAME_OVERHEAD, FRAME_TYPES } from './frames.ts'

export type FrameKind = 'method' | 'header' | 'body' | 'heartbeat' | 'protocol-header' | 'undecodable'

/** A frame as it was on the wire; its payload is not decoded yet. */
export class Frame {
  readonly kind: FrameKind
  readonly channel: number
  /** All bytes of it, the frame's own head and end included: a view. */
  readonly bytes: Buffer
  /** Why it is undecodable. */
  readonly reason: string

  constructor(kind: FrameKind, channel: number, bytes: Buffer, reason = '') {
    this.kind = kind
    this.channel = channel
    this.bytes = bytes
    this.reason = reason
  }

  /** The bytes between head and end: a view. */
  get payload(): Buffer {
    return this.bytes.subarray(HEAD, this.bytes.length - 1)
  }
}

const HEAD = 7
const PROTOCOL_HEADER_SIZE = 8
const LETTER_A = 0x41
/** No peer of ours sends larger frames; a stream that is not AMQP at all looks as if it did. */
const LARGEST = 128 * 1024 * 1024
const KINDS = new Map<number, FrameKind>([
  [FRAME_TYPES.method, 'method'],
  [FRAME_TYPES.header, 'header'],
  [FRAME_TYPES.body, 'body'],
  [FRAME_TYPES.heartbeat, 'heartbeat'],
])

/**
 * Cuts a stream of bytes into frames, whatever chunks it comes in. It never throws: from the first byte that is no
 * AMQP on, everything is 'undecodable', as nothing in the stream says where the next frame begins.
 */
export class FrameParser {
  /** Bytes of a whole frame, overhead included; larger ones are undecodable. May be lowered once it is negotiated. */
  frameMax: number
  #pending: Buffer[] = []
  #pendingSize = 0
  #needed = 1
  #atStart = true
  #broken: string | undefined

  constructor(options: { frameMax?: number } = {}) {
    this.frameMax = options.frameMax ?? LARGEST
  }

  /** Why the stream can't be read any further, once that is so. */
  get broken(): string | undefined {
    return this.#broken
  }

  /** How many bytes of a frame that is not complete have come. */
  get pendingSize(): number {
    return this.#pendingSize
  }

  /** Those bytes. */
  pending(): Buffer {
    return Buffer.concat(this.#pending)
  }

  /** Takes a chunk in and calls `found` for every frame that is complete. */
  push(chunk: Buffer, found: (frame: Frame) => void): void {
    let bytes = chunk
    if (this.#pendingSize > 0) {
      this.#pending.push(chunk)
      this.#pendingSize += chunk.length
      // A large frame comes in many chunks: they are joined once, when it is whole.
      if (this.#pendingSize < this.#needed) return
      bytes = this.pending()
      this.#pending = []
      this.#pendingSize = 0
    }
    let offset = 0
    while (offset < bytes.length) {
      const size = this.#broken === undefined ? this.#sizeAt(bytes, offset) : bytes.length - offset
      if (offset + size > bytes.length) {
        this.#pending = [offset === 0 ? bytes : bytes.subarray(offset)]
        this.#pendingSize = bytes.length - offset
        this.#needed = size
        return
      }
      found(this.#frameAt(bytes, offset, size))
      offset += size
    }
  }

  /** The stream has ended: what is left is part of a frame, and undecodable. */
  end(found: (frame: Frame) => void): void {
    if (this.#pendingSize === 0) return
    const rest = this.pending()
    this.#pending = []
    this.#pendingSize = 0
    found(new Frame('undecodable', 0, rest, 'the stream ended in the middle of a frame'))
  }

  /** How many bytes what begins here has, or must at least have for us to know. Finds out that it is broken. */
  #sizeAt(bytes: Buffer, offset: number): number {
    const type = bytes.readUInt8(offset)
    if (this.#atStart && type === LETTER_A) return PROTOCOL_HEADER_SIZE
    const left = bytes.length - offset
    if (!KINDS.has(type)) this.#broken = `a frame can't be of type ${type}`
    else if (left < HEAD) return HEAD
    else {
      const size = bytes.readUInt32BE(offset + 3) + FRAME_OVERHEAD
      if (size <= this.frameMax) return size
      this.#broken = `a frame of ${size} bytes; at most ${this.frameMax} are allowed`
    }
    return left
  }

  #frameAt(bytes: Buffer, offset: number, size: number): Frame {
    const whole = offset === 0 && size === bytes.length ? bytes : bytes.subarray(offset, offset + size)
    if (this.#broken !== undefined) return new Frame('undecodable', 0, whole, this.#broken)
    const type = whole.readUInt8(0)
    if (this.#atStart && type === LETTER_A) {
      this.#atStart = false
      if (whole.toString('latin1', 0, 4) === 'AMQP') return new Frame('protocol-header', 0, whole)
      this.#broken = 'neither a frame nor a protocol header'
    } else if (whole.readUInt8(size - 1) !== FRAME_END) {
      this.#broken = 'a frame that does not end in CE'
    }
    if (this.#broken !== undefined) return new Frame('undecodable', 0, whole, this.#broken)
    this.#atStart = false
    return new Frame(KINDS.get(type) ?? 'undecodable', whole.readUInt16BE(1), whole)
  }
}

import { FRAME_END, FRAME_OVERHEAD } from '../../amqp/frames.ts'
import { frame } from '../erlang.ts'
import { frameError } from '../errors.ts'

const HEAD = 7

/**
 * Cuts what a client sends into frames, one at a call, so that reading can stop between any two of them. Other than
 * lab/amqp's parser it refuses what is no frame in RabbitMQ's words, and keeps no frame whose size is not allowed.
 */
export class FrameReader {
  /** Bytes of a whole frame; lower until it is negotiated. */
  frameMax: number
  type = 0
  channel = 0
  payload: Buffer = EMPTY
  #bytes: Buffer = EMPTY
  #at = 0
  /** Chunks behind #bytes: a large frame comes in many, which are joined once. */
  #behind: Buffer[] = []
  #behindSize = 0

  constructor(frameMax: number) {
    this.frameMax = frameMax
  }

  push(chunk: Buffer): void {
    if (this.#at === this.#bytes.length) {
      this.#bytes = chunk
      this.#at = 0
    } else {
      this.#behind.push(chunk)
      this.#behindSize += chunk.length
    }
  }

  /** Bytes that are here and not read. */
  get waiting(): number {
    return this.#bytes.length - this.#at + this.#behindSize
  }

  /** Takes bytes that are in no frame: the protocol header. Undefined while there are too few. */
  take(size: number): Buffer | undefined {
    if (!this.#has(size)) return undefined
    const taken = this.#bytes.subarray(this.#at, this.#at + size)
    this.#at += size
    return taken
  }

  /**
   * Reads the next frame into `type`, `channel` and `payload`, a view; false when it is not complete.
   * @throws ConnectionError when no frame can be there
   */
  next(): boolean {
    if (!this.#has(HEAD)) return false
    const size = this.#bytes.readUInt32BE(this.#at + 3)
    if (size > this.frameMax - FRAME_OVERHEAD) throw this.#tooLarge(size)
    const whole = size + FRAME_OVERHEAD
    if (!this.#has(whole)) return false
    const [bytes, at] = [this.#bytes, this.#at]
    this.type = bytes[at] as number
    this.channel = bytes.readUInt16BE(at + 1)
    this.payload = bytes.subarray(at + HEAD, at + HEAD + size)
    this.#at += whole
    const end = bytes[at + whole - 1]
    if (end !== FRAME_END) {
      throw frameError(frame(this.type, this.payload), `{invalid_frame_end_marker,${end}}`)
    }
    return true
  }

  forget(): void {
    this.#bytes = EMPTY
    this.#at = 0
    this.#behind = []
    this.#behindSize = 0
  }

  #has(size: number): boolean {
    if (this.#bytes.length - this.#at >= size) return true
    if (this.waiting < size) return false
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...this.#behind])
    this.#at = 0
    this.#behind = []
    this.#behindSize = 0
    return true
  }

  #tooLarge(size: number): Error {
    const type = this.#bytes[this.#at] as number
    return frameError(frame(type, EMPTY), `{frame_too_large,${size},${this.frameMax - FRAME_OVERHEAD}}`)
  }
}

const EMPTY = Buffer.alloc(0)

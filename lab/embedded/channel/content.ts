import { DecodeError } from '../../amqp/bytes.ts'
import { decodeHeader } from '../../amqp/properties.ts'
import { bodyExpected, headerExpected, otherHeader, tooLarge, tooMuchBody, WordlessError } from '../errors.ts'
import { checkProperties } from '../message/raw-table.ts'

const BASIC = 60
const HEADER = 2
const BODY = 3
const MOST_BYTES = 16 * 1024 * 1024
const FIRST_BYTES = 128 * 1024

/** Properties and body in one piece of memory. */
export interface Content {
  bytes: Buffer
  propertiesSize: number
}

/**
 * Puts the frames of a message together: a header, and as much body as it says. Memory is taken as the body comes, not
 * for what the header promises.
 */
export class ContentReader {
  readonly #kept: (bytes: number) => void
  #bytes: Buffer | undefined
  #length = 0
  #size = 0
  #propertiesSize = 0

  /** @param kept is told how many bytes are taken, or given back or away */
  constructor(kept: (bytes: number) => void) {
    this.#kept = kept
  }

  /** What has come of a message is not needed any longer. */
  forget(): void {
    if (this.#bytes === undefined) return
    this.#kept(-this.#bytes.length)
    this.#bytes = undefined
  }

  /** The content once it is complete. @throws ConnectionError, ChannelError */
  receive(type: number, payload: Buffer): Content | undefined {
    if (this.#bytes !== undefined) return this.#receiveBody(type, payload)
    if (type !== HEADER) throw headerExpected()
    const { classId, bodySize, rawProperties } = header(payload)
    if (classId !== BASIC) throw otherHeader(classId)
    if (bodySize > MOST_BYTES) throw tooLarge(bodySize, MOST_BYTES)
    this.#propertiesSize = rawProperties.length
    this.#size = rawProperties.length + Number(bodySize)
    const bytes = Buffer.allocUnsafe(Math.min(this.#size, Math.max(FIRST_BYTES, rawProperties.length)))
    rawProperties.copy(bytes)
    this.#bytes = bytes
    this.#kept(bytes.length)
    this.#length = rawProperties.length
    return this.#complete()
  }

  #receiveBody(type: number, payload: Buffer): Content | undefined {
    if (type !== BODY) throw bodyExpected()
    const length = this.#length + payload.length
    if (length > this.#size) throw tooMuchBody()
    let bytes = this.#bytes as Buffer
    if (length > bytes.length) {
      bytes = Buffer.allocUnsafe(Math.min(this.#size, Math.max(length, bytes.length * 2)))
      this.#bytes?.copy(bytes, 0, 0, this.#length)
      this.forget()
      this.#bytes = bytes
      this.#kept(bytes.length)
    }
    payload.copy(bytes, this.#length)
    this.#length = length
    return this.#complete()
  }

  #complete(): Content | undefined {
    if (this.#length < this.#size) return undefined
    const bytes = this.#bytes as Buffer
    this.forget()
    return { bytes, propertiesSize: this.#propertiesSize }
  }
}

function header(payload: Buffer): ReturnType<typeof decodeHeader> {
  try {
    const decoded = decodeHeader(payload)
    checkProperties(decoded.rawProperties)
    return decoded
  } catch (error) {
    if (error instanceof DecodeError) throw new WordlessError(error.message)
    throw error
  }
}

/*
 * What the lab and the agent in a sandbox say to each other, over the agent's standard streams:
 *
 *   length (4 bytes) │ kind (1) │ number (4) │ payload
 *
 * The payload of a control frame is a JSON text; that of the others is bytes: of the process, or of the connection, that
 * has the number. Loaded on both sides.
 */

export const CONTROL = 0
export const STDOUT = 1
export const STDERR = 2
export const LINE = 3
export const TCP = 4

const HEADER = 9
const LONGEST = 4 * 1024 * 1024
/** A connection's bytes that the other side has not taken yet; then its sender waits. */
export const WINDOW = 256 * 1024
/** So many bytes are taken before the other side is told. */
export const TOLD_EVERY = WINDOW / 4

/** @returns the whole frame: sent in two parts, it would wake the reader twice */
export function frame(kind, number, payload) {
  const header = Buffer.allocUnsafe(HEADER)
  header.writeUInt32BE(payload.length, 0)
  header.writeUInt8(kind, 4)
  header.writeUInt32BE(number, 5)
  return Buffer.concat([header, payload])
}

/** Cuts a stream of bytes into frames. */
export class Frames {
  #chunks = []
  #size = 0

  /** @throws when a frame is longer than any may be */
  push(chunk, each) {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    while (this.#size >= HEADER) {
      const head = this.#peek(HEADER)
      const length = head.readUInt32BE(0)
      if (length > LONGEST) throw new Error('a frame is too long')
      if (this.#size < HEADER + length) return
      const frame = this.#peek(HEADER + length)
      this.#drop(HEADER + length)
      each(frame.readUInt8(4), frame.readUInt32BE(5), frame.subarray(HEADER))
    }
  }

  #peek(length) {
    const [first] = this.#chunks
    if (first.length >= length) return first.subarray(0, length)
    this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0].subarray(0, length)
  }

  #drop(length) {
    const [first, ...rest] = this.#chunks
    this.#chunks = first.length > length ? [first.subarray(length), ...rest] : rest
    this.#size -= length
  }
}

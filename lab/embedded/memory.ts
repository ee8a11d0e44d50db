/** RabbitMQ calls it the memory watermark: publishers wait until consumers have made room. */
const HIGH_BYTES = 1024 ** 3
const LOW_BYTES = 0.8 * HIGH_BYTES

/** How much is kept in all queues, and whether that is too much. */
export class Memory {
  readonly #highBytes: number
  readonly #lowBytes: number
  readonly #changed: () => void
  #bytes = 0
  #isShort = false

  constructor(changed: () => void, highBytes = HIGH_BYTES, lowBytes = LOW_BYTES) {
    this.#changed = changed
    this.#highBytes = highBytes
    this.#lowBytes = lowBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get isShort(): boolean {
    return this.#isShort
  }

  readonly kept = (bytes: number): void => {
    this.#bytes += bytes
    const isShort = this.#isShort ? this.#bytes > this.#lowBytes : this.#bytes > this.#highBytes
    if (isShort === this.#isShort) return
    this.#isShort = isShort
    this.#changed()
  }
}

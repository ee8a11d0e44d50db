import type { Memory } from '../memory.ts'

/** What is said to the client. */
interface Sender {
  blocked(): void
  unblocked(): void
  /** Reading may go on. */
  goOn(): void
}

/**
 * Whether there is room for what a connection publishes. While there is none it is not read, and told so if it can be;
 * who publishes nothing is left alone: it may make room.
 */
export class MemoryLimit {
  readonly #memory: Memory
  readonly #sender: Sender
  #isPublisher = false
  #isBlocked = false

  constructor(memory: Memory, sender: Sender) {
    this.#memory = memory
    this.#sender = sender
  }

  get isBlocked(): boolean {
    return this.#isBlocked
  }

  /** Something is about to be published. */
  publishes(): void {
    if (this.#isPublisher) return
    this.#isPublisher = true
    this.changed()
  }

  /** The broker has run out of room, or has room again. */
  changed(): void {
    const { isShort } = this.#memory
    if (!this.#isPublisher || isShort === this.#isBlocked) return
    this.#isBlocked = isShort
    if (isShort) this.#sender.blocked()
    else {
      this.#sender.unblocked()
      // Not at once: a queue may be in the middle of what made the room.
      setImmediate(() => this.#sender.goOn())
    }
  }
}

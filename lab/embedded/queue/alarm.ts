const LONGEST_MS = 2 ** 31 - 1

/** A timer that can be set again and again, and never keeps a process alive. */
export class Alarm {
  readonly #ring: () => void
  #timer: NodeJS.Timeout | undefined
  #at = 0

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** @param at by Date.now() */
  ringAt(at: number): void {
    if (this.#timer !== undefined && this.#at === at) return
    this.off()
    this.#at = at
    this.#timer = setTimeout(() => this.#rung(), Math.min(Math.max(at - Date.now(), 0), LONGEST_MS)).unref()
  }

  off(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #rung(): void {
    const at = this.#at
    this.#timer = undefined
    // Timers may ring a little early, and can't wait for more than 24 days.
    if (Date.now() < at) this.ringAt(at)
    else this.#ring()
  }
}

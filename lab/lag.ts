/** No timer goes off sooner. */
const SOONEST_MS = 1

/** Does what it is given a little later, in order: what comes while something waits goes on together with it. */
export class Lag {
  readonly #delay: () => number
  readonly #waiting: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param delay the next delay, in milliseconds */
  constructor(delay: () => number) {
    this.#delay = delay
  }

  pass(act: () => void): void {
    this.#waiting.push(act)
    if (this.#waiting.length > 1) return
    const delay = this.#delay()
    if (delay < SOONEST_MS) this.flush()
    else this.#timer = setTimeout(() => this.flush(), delay)
  }

  /** Drops what waits. */
  clear(): void {
    this.#waiting.length = 0
    this.flush()
  }

  /** What waits goes on now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (let act = this.#waiting.shift(); act !== undefined; act = this.#waiting.shift()) act()
  }
}

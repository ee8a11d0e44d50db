/** Lets work run side by side, except what has to be alone: that waits for the others to end, and they wait for it. */
export class Quiet {
  readonly #beside = new Set<Promise<unknown>>()
  #alone: Promise<unknown> = Promise.resolve()

  async beside<T>(work: () => Promise<T>): Promise<T> {
    for (let last: unknown; last !== this.#alone; ) {
      last = this.#alone
      await this.#alone
    }
    const working = work()
    this.#beside.add(working)
    try {
      return await working
    } finally {
      this.#beside.delete(working)
    }
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#alone.then(async () => {
      await Promise.allSettled([...this.#beside])
      return work()
    })
    this.#alone = turn.catch(() => {})
    return turn
  }
}

/** Lets work run side by side, except what has to be alone: that waits for the others to end, and they wait for it. */
export class Quiet {
  readonly #beside = new Set<Promise<unknown>>()
  #alone: Promise<unknown> = Promise.resolve()
  #wanted = 0

  async beside<T>(work: () => Promise<T>): Promise<T> {
    while (this.#wanted > 0) await this.#alone
    const working = work()
    this.#beside.add(working)
    try {
      return await working
    } finally {
      this.#beside.delete(working)
    }
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    this.#wanted++
    const turn = this.#alone.then(async () => {
      try {
        await Promise.allSettled([...this.#beside])
        return await work()
      } finally {
        this.#wanted--
      }
    })
    this.#alone = turn.catch(() => {})
    return turn
  }
}

import { TurnEnded } from './turns.ts'

/**
 * Turns at a cluster: one after the other, as whoever has one may harm its nodes. Between two of them the cluster is
 * made whole, and that begins when the one ends, not when the next one comes.
 *
 *     enter ──> queued ──(fixed)──> running ──> leave ──> repairing
 */
export class TurnsAlone {
  readonly #mend: () => Promise<unknown>
  readonly #queue: { id: string; resolve: () => void; reject: (error: unknown) => void }[] = []
  #running: string | undefined
  #repairing = false

  constructor(mend: () => Promise<unknown>) {
    this.#mend = mend
  }

  /** Resolves when the turn begins; rejects with TurnEnded when it is left before that. */
  enter(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ id, resolve, reject })
      void this.#advance()
    })
  }

  /** Ends a turn at any stage; an unknown id is fine. */
  leave(id: string): void {
    const at = this.#queue.findIndex((each) => each.id === id)
    if (at >= 0) this.#queue.splice(at, 1)[0]?.reject(new TurnEnded())
    if (this.#running !== id) return
    this.#running = undefined
    void this.#advance()
  }

  holds(id: string): boolean {
    return this.#running === id
  }

  /** A cluster is not restarted: its nodes are. */
  restart(): Promise<void> {
    return Promise.reject(new Error('a cluster is not restarted as a whole'))
  }

  async #advance(): Promise<void> {
    if (this.#running !== undefined || this.#repairing) return
    this.#repairing = true
    try {
      await this.#mend()
    } catch (error) {
      // Those who wait are told; the next to come tries again.
      for (const { reject } of this.#queue.splice(0)) reject(error)
      return
    } finally {
      this.#repairing = false
    }
    const next = this.#queue.shift()
    this.#running = next?.id
    next?.resolve()
  }
}

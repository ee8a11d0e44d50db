import type { VhostLogin } from '../kept-broker.ts'

/** Virtual hosts made ahead, so that taking one costs nothing. What is taken is replaced in the background. */
export class VhostPool {
  readonly #make: () => Promise<VhostLogin>
  readonly #size: number
  readonly #ready: VhostLogin[]
  readonly #waiting: { resolve: (login: VhostLogin) => void; reject: (error: unknown) => void }[] = []
  #making = false

  /** @param ready those that there are already */
  constructor(make: () => Promise<VhostLogin>, size: number, ready: VhostLogin[]) {
    this.#make = make
    this.#size = size
    this.#ready = [...ready]
  }

  take(): Promise<VhostLogin> {
    const login = this.#ready.shift()
    const taken = login
      ? Promise.resolve(login)
      : new Promise<VhostLogin>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    void this.fill()
    return taken
  }

  /** Makes those that are missing, one at a time: the broker makes two at once no faster. */
  async fill(): Promise<void> {
    if (this.#making) return
    this.#making = true
    try {
      while (this.#waiting.length > 0 || this.#ready.length < this.#size) {
        const login = await this.#make()
        const first = this.#waiting.shift()
        if (first) first.resolve(login)
        else this.#ready.push(login)
      }
    } catch (error) {
      // Those who wait are told; the next to come tries again.
      for (const { reject } of this.#waiting.splice(0)) reject(error)
    } finally {
      this.#making = false
    }
  }
}

import type { Heard } from './heard.ts'

/** How long anything that must come is waited for. */
export const LIMIT_MS = 10_000

/** What has come on one channel and was not awaited yet. */
export class Inbox {
  readonly #name: string
  readonly #heard: Heard[] = []
  readonly #waiting = new Set<() => void>()
  #end: string | undefined

  constructor(name: string) {
    this.#name = name
  }

  add(heard: Heard): void {
    this.#heard.push(heard)
    this.#wake()
  }

  /** Nothing more can come. */
  end(why: string): void {
    this.#end ??= why
    this.#wake()
  }

  /** Takes out the first that fits, as soon as there is one. @throws when nothing more can come, or after LIMIT_MS */
  async take(what: string, fits: (heard: Heard) => boolean): Promise<Heard> {
    const deadline = performance.now() + LIMIT_MS
    for (;;) {
      const index = this.#heard.findIndex(fits)
      if (index >= 0) return this.#heard.splice(index, 1)[0] as Heard
      const rest = this.#heard.map(({ name }) => name).join(', ') || 'nothing'
      if (this.#end !== undefined) throw new Error(`${this.#name}: ${what} never came: ${this.#end}; there was ${rest}`)
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`${this.#name}: waited ${LIMIT_MS} ms for ${what}; there was ${rest}`)
      await this.#change(left)
    }
  }

  #change(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, limitMs)
      this.#waiting.add(done)
    })
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}

import type { Entry } from './entry.ts'

/** Somebody who takes messages from a queue. */
export interface Consumer {
  readonly priority: number
  readonly exclusive: boolean
  /** Deliveries that it has not settled. */
  readonly outstanding: number
  /** Its limit is not reached, and its connection takes what is sent. */
  readonly isFree: boolean
  deliver(entry: Entry): void
  /** The queue is gone. */
  cancelled(): void
}

/**
 * Who takes messages from a queue, and whose turn it is. Those of the highest priority take turns as long as any of
 * them is free. Who is found busy steps out of the row, and comes back at its end.
 */
export class Consumers {
  readonly #all = new Set<Consumer>()
  /** In the order of their turns, the highest priority first. */
  readonly #row: Consumer[] = []
  readonly #busy = new Set<Consumer>()
  /** Only one takes messages as long as it is there: x-single-active-consumer. */
  readonly #single: boolean
  /** That one gives way to one of a higher priority once it has settled what it has: quorum queues do so. */
  readonly #givesWay: boolean
  #active: Consumer | undefined

  constructor({ single, givesWay }: { single: boolean; givesWay: boolean }) {
    this.#single = single
    this.#givesWay = givesWay
  }

  get size(): number {
    return this.#all.size
  }

  /** As a quorum queue counts them: those that may take messages. */
  get activeSize(): number {
    return this.#single ? Math.min(1, this.size) : this.size
  }

  get hasExclusive(): boolean {
    return this.size === 1 && [...this.#all].some(({ exclusive }) => exclusive)
  }

  add(consumer: Consumer): void {
    this.#all.add(consumer)
    this.#stepIn(consumer)
    if (this.#single) this.#active ??= consumer
  }

  remove(consumer: Consumer): void {
    this.#all.delete(consumer)
    this.#busy.delete(consumer)
    const at = this.#row.indexOf(consumer)
    if (at !== -1) this.#row.splice(at, 1)
    if (this.#active === consumer) this.#active = this.#row[0]
  }

  /** All of them, which are no longer here then. */
  clear(): Consumer[] {
    const all = [...this.#all]
    for (const consumer of all) this.remove(consumer)
    return all
  }

  /** Who gets the next message, if anybody does. */
  next(): Consumer | undefined {
    if (this.#single) return this.#nextSingle()
    for (;;) {
      const first = this.#row[0]
      if (first === undefined || first.isFree) return first
      this.#row.shift()
      this.#busy.add(first)
    }
  }

  /** It got one: the next one is somebody else's. */
  served(consumer: Consumer): void {
    if (this.#single || this.#row.length === 1) return
    this.#row.shift()
    this.#stepIn(consumer)
  }

  /** It may be free again. */
  freed(consumer: Consumer): void {
    if (this.#busy.delete(consumer)) this.#stepIn(consumer)
  }

  #nextSingle(): Consumer | undefined {
    const first = this.#row[0]
    const active = this.#active
    if (first === undefined || active === undefined) return undefined
    if (this.#givesWay && first.priority > active.priority) {
      if (active.outstanding > 0) return undefined
      this.#active = first
    }
    return this.#active?.isFree ? this.#active : undefined
  }

  /** Behind all of its priority. */
  #stepIn(consumer: Consumer): void {
    let at = this.#row.length
    while (at > 0 && (this.#row[at - 1] as Consumer).priority < consumer.priority) at--
    this.#row.splice(at, 0, consumer)
  }
}

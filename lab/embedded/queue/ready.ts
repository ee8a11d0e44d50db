import { Deque } from './deque.ts'
import type { Entry } from './entry.ts'
import { Returned } from './returned.ts'

/** How a queue orders its messages. */
export interface Order {
  /** Priorities above it count as it; 0: no priorities. */
  readonly highestPriority: number
  /** The priority of a message that says none. */
  readonly usualPriority: number
  /** Where messages go that come back: to their old places, or before all others in the order of their return. */
  readonly returns: 'old-place' | 'first'
}

/** Messages of one priority. What came back was once before all that are new, so it still is. */
interface Lane {
  fresh: Deque<Entry>
  returned: Returned
}

/**
 * Messages that wait to be delivered, in their order.
 *
 *   came back (only where they go first)  →  highest priority: came back, fresh  →  ...  →  lowest: came back, fresh
 */
export class Ready {
  readonly #order: Order
  readonly #lanes: (Lane | undefined)[] = []
  readonly #first = new Deque<Entry>()
  /** No lane above it has messages. */
  #top = 0
  #length = 0
  #bytes = 0

  constructor(order: Order) {
    this.#order = order
  }

  get length(): number {
    return this.#length
  }

  /** Of the bodies. */
  get bytes(): number {
    return this.#bytes
  }

  push(entry: Entry): void {
    this.#lane(entry).fresh.push(entry)
    this.#count(entry, 1)
  }

  putBack(entry: Entry): void {
    if (this.#order.returns === 'first') this.#first.push(entry)
    else this.#lane(entry).returned.push(entry)
    this.#count(entry, 1)
  }

  peek(): Entry | undefined {
    return this.#head()?.peek()
  }

  shift(): Entry | undefined {
    const entry = this.#head()?.shift()
    if (entry !== undefined) this.#count(entry, -1)
    return entry
  }

  /** All, in no order. */
  *[Symbol.iterator](): Generator<Entry> {
    yield* this.#first
    for (const lane of this.#lanes) {
      if (lane === undefined) continue
      yield* lane.returned
      yield* lane.fresh
    }
  }

  #head(): Deque<Entry> | Returned | undefined {
    if (this.#length === 0) return undefined
    if (this.#first.length > 0) return this.#first
    for (; this.#top >= 0; this.#top--) {
      const lane = this.#lanes[this.#top]
      if (lane === undefined) continue
      if (lane.returned.length > 0) return lane.returned
      if (lane.fresh.length > 0) return lane.fresh
    }
    this.#top = 0
    return undefined
  }

  #lane({ message }: Entry): Lane {
    const { highestPriority, usualPriority } = this.#order
    const priority = highestPriority === 0 ? 0 : Math.min(message.priority ?? usualPriority, highestPriority)
    if (priority > this.#top) this.#top = priority
    const known = this.#lanes[priority]
    if (known !== undefined) return known
    const lane = { fresh: new Deque<Entry>(), returned: new Returned() }
    this.#lanes[priority] = lane
    return lane
  }

  #count(entry: Entry, by: 1 | -1): void {
    this.#length += by
    this.#bytes += by * entry.message.bodySize
  }
}

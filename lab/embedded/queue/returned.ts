import type { Entry } from './entry.ts'

/** Messages that came back to a classic queue: the one with the lowest place comes first. A binary heap. */
export class Returned {
  readonly #heap: Entry[] = []

  get length(): number {
    return this.#heap.length
  }

  peek(): Entry | undefined {
    return this.#heap[0]
  }

  push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = heap[above] as Entry
      if (other.place <= entry.place) break
      heap[at] = other
      at = above
    }
    heap[at] = entry
  }

  shift(): Entry | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (let below = 1; below < heap.length; below = at * 2 + 1) {
      const right = heap[below + 1]
      if (right !== undefined && right.place < (heap[below] as Entry).place) below++
      const smaller = heap[below] as Entry
      if (last.place <= smaller.place) break
      heap[at] = smaller
      at = below
    }
    heap[at] = last
    return first
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.#heap.values()
  }
}

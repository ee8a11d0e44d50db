const FIRST_CAPACITY = 16

/** A list that grows at its end and shrinks at its beginning, both at no cost: a ring. */
export class Deque<T> {
  #ring: (T | undefined)[] = new Array(FIRST_CAPACITY)
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#resize(this.#length * 2)
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item
    this.#length++
  }

  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head]
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    this.#length--
    // What a long queue took is given back once it is short.
    if (this.#ring.length > 1024 && this.#length * 8 < this.#ring.length) this.#resize(this.#ring.length / 2)
    return item
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.#length; index++)
      yield this.#ring[(this.#head + index) & (this.#ring.length - 1)] as T
  }

  /** @param capacity a power of two */
  #resize(capacity: number): void {
    const ring: (T | undefined)[] = new Array(capacity)
    for (let index = 0; index < this.#length; index++)
      ring[index] = this.#ring[(this.#head + index) & (this.#ring.length - 1)]
    this.#ring = ring
    this.#head = 0
  }
}

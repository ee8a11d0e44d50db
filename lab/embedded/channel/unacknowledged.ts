import { unknownDeliveryTag } from '../errors.ts'
import type { Entry } from '../queue/entry.ts'
import type { Queue } from '../queue/queue.ts'

/** A delivery that the client has not settled. */
export interface Outstanding {
  readonly tag: number
  readonly entry: Entry
  readonly queue: Queue
  /** Who is told when it is settled. */
  readonly consumer: { settled(): void }
}

/** The deliveries of a channel that are not settled, by their tags, which grow. */
export class Unacknowledged {
  readonly #byTag = new Map<number, Outstanding>()

  get size(): number {
    return this.#byTag.size
  }

  add(outstanding: Outstanding): void {
    this.#byTag.set(outstanding.tag, outstanding)
  }

  /** Puts back what was taken, each at its place. */
  restore(taken: readonly Outstanding[]): void {
    const all = [...this.#byTag.values(), ...taken].sort((a, b) => a.tag - b.tag)
    this.#byTag.clear()
    for (const each of all) this.add(each)
  }

  /** Takes one. @throws ChannelError */
  take(tag: number | bigint): Outstanding {
    const outstanding = this.#byTag.get(Number(tag))
    if (outstanding === undefined) throw unknownDeliveryTag(tag)
    this.#byTag.delete(Number(tag))
    return outstanding
  }

  /** Takes one, or all up to it. @throws ChannelError */
  takeAll(tag: number | bigint, multiple: boolean): Outstanding[] {
    return multiple ? this.takeUpTo(tag) : [this.take(tag)]
  }

  /** Takes all up to `tag`, which must be among them; 0 stands for all there are. @throws ChannelError */
  takeUpTo(tag: number | bigint): Outstanding[] {
    if (tag !== 0 && !this.#byTag.has(Number(tag))) throw unknownDeliveryTag(tag)
    const taken: Outstanding[] = []
    for (const [each, outstanding] of this.#byTag) {
      if (tag !== 0 && each > tag) break
      this.#byTag.delete(each)
      taken.push(outstanding)
    }
    return taken
  }
}

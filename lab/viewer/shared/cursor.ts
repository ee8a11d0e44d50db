import type { Change, Thing, Things } from './things.ts'

/**
 * A place in a recording that can be moved: it applies the changes of each moment on its way forward, and takes them back on
 * its way back. A step costs what it changes, however long the recording is.
 */
export class Cursor {
  readonly #changes: Change[][]
  readonly #things = new Map<string, Thing>()
  /** What the changes of each moment put an end to, the last one first. */
  readonly #undo: Change[][] = []

  /** @param changes those of each moment, in order */
  constructor(changes: Change[][]) {
    this.#changes = changes
  }

  /** The moment whose changes were applied last; -1 is before the first. */
  get at(): number {
    return this.#undo.length - 1
  }

  get things(): Things {
    return this.#things
  }

  /** Moves to just after a moment. */
  go(to: number): Things {
    const last = Math.min(to, this.#changes.length - 1)
    while (this.at < last) {
      const before = (this.#changes[this.at + 1] ?? []).map((change) => this.#apply(change))
      this.#undo.push(before.reverse())
    }
    while (this.at > Math.max(-1, to)) for (const change of this.#undo.pop() ?? []) this.#apply(change)
    return this.#things
  }

  /** @returns what takes it back */
  #apply([id, thing]: Change): Change {
    const before: Change = [id, this.#things.get(id) ?? null]
    if (thing === null) this.#things.delete(id)
    else this.#things.set(id, thing)
    return before
  }
}

import type { Binding } from './binding.ts'
import type { Kind, Routed } from './kind.ts'

/** To all. */
export class Fanout implements Kind {
  readonly #bindings = new Set<Binding>()

  add(binding: Binding): void {
    this.#bindings.add(binding)
  }

  remove(binding: Binding): void {
    this.#bindings.delete(binding)
  }

  match(_: Routed, found: (binding: Binding) => void): void {
    this.#bindings.forEach(found)
  }
}

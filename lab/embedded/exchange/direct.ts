import type { Binding } from './binding.ts'
import type { Kind, Routed } from './kind.ts'

/** By the whole routing key. */
export class Direct implements Kind {
  readonly #byKey = new Map<string, Set<Binding>>()

  add(binding: Binding): void {
    const known = this.#byKey.get(binding.routingKey)
    if (known === undefined) this.#byKey.set(binding.routingKey, new Set([binding]))
    else known.add(binding)
  }

  remove(binding: Binding): void {
    const known = this.#byKey.get(binding.routingKey)
    known?.delete(binding)
    if (known?.size === 0) this.#byKey.delete(binding.routingKey)
  }

  match({ routingKey }: Routed, found: (binding: Binding) => void): void {
    this.#byKey.get(routingKey)?.forEach(found)
  }
}

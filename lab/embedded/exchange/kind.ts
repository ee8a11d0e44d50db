import type { Binding } from './binding.ts'

/** What a message is routed by. */
export interface Routed {
  readonly routingKey: string
  /** Properties as they came: the headers are read only where an exchange asks for them. */
  readonly rawProperties: Buffer
}

/** Which bindings of an exchange a message fits: each type of exchange has a way of its own. */
export interface Kind {
  /** @throws ChannelError when there can be no such binding */
  check?(binding: Binding): void
  add(binding: Binding): void
  remove(binding: Binding): void
  match(routed: Routed, found: (binding: Binding) => void): void
}

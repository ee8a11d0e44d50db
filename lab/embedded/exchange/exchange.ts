import type { Table } from '../../amqp/table.ts'
import { unknownExchangeType } from '../errors.ts'
import { type Binding, identify } from './binding.ts'
import { Direct } from './direct.ts'
import { Fanout } from './fanout.ts'
import { Headers } from './headers.ts'
import type { Kind, Routed } from './kind.ts'
import { Topic } from './topic.ts'

export interface ExchangeSettings {
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly internal: boolean
  readonly arguments: Table
}

/** An exchange and the bindings that begin at it. */
export class Exchange {
  readonly settings: ExchangeSettings
  readonly #kind: Kind
  readonly #bindings = new Map<string, Binding>()

  /** @throws ChannelError when there is no such type */
  constructor(settings: ExchangeSettings) {
    this.settings = settings
    this.#kind = kindOf(settings.type)
  }

  get name(): string {
    return this.settings.name
  }

  /** Where messages go that fit no binding. */
  get alternate(): string | undefined {
    const name = this.settings.arguments['alternate-exchange']
    return typeof name === 'string' ? name : undefined
  }

  get isUsed(): boolean {
    return this.#bindings.size > 0
  }

  get bindings(): Iterable<Binding> {
    return this.#bindings.values()
  }

  /** The binding, or the same one if it was there before. @throws ChannelError */
  bind(binding: Binding): Binding {
    const id = identify(binding)
    const known = this.#bindings.get(id)
    if (known !== undefined) return known
    this.#kind.check?.(binding)
    this.#bindings.set(id, binding)
    this.#kind.add(binding)
    return binding
  }

  /** The binding that was taken away, if it was there. */
  unbind(binding: Binding): Binding | undefined {
    const id = identify(binding)
    const known = this.#bindings.get(id)
    if (known === undefined) return undefined
    this.#bindings.delete(id)
    this.#kind.remove(known)
    return known
  }

  match(routed: Routed, found: (binding: Binding) => void): void {
    this.#kind.match(routed, found)
  }
}

function kindOf(type: string): Kind {
  switch (type) {
    case 'direct':
      return new Direct()
    case 'fanout':
      return new Fanout()
    case 'topic':
      return new Topic()
    case 'headers':
      return new Headers()
    default:
      throw unknownExchangeType(type)
  }
}

import type { FrameEvent } from '../../recording/recording.ts'

interface Binding {
  exchange: string
  queue: string
  key: string
}

/** The exchanges that are always there. */
const BUILT_IN: [name: string, type: string][] = [
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.topic', 'topic'],
]

/** Exchanges and bindings, as the wire has seen them made. */
export class Routing {
  readonly #types = new Map(BUILT_IN)
  #bindings: Binding[] = []

  declare({ fields: { exchange, type, passive } }: FrameEvent): void {
    if (passive !== true) this.#types.set(String(exchange), String(type))
  }

  forget(exchange: string): void {
    this.#types.delete(exchange)
    this.#bindings = this.#bindings.filter((one) => one.exchange !== exchange)
  }

  bind({ fields }: FrameEvent, queue: string): void {
    this.unbind({ fields }, queue)
    this.#bindings.push({ exchange: String(fields.exchange), queue, key: String(fields.routingKey ?? '') })
  }

  unbind({ fields }: Pick<FrameEvent, 'fields'>, queue: string): void {
    const { exchange, routingKey = '' } = fields
    this.#bindings = this.#bindings.filter(
      (one) => one.exchange !== exchange || one.queue !== queue || one.key !== routingKey,
    )
  }

  /** The queues that a message goes to; undefined where the wire can't know. The default exchange takes a queue's name. */
  queuesOf(exchange: string, key: string): string[] | undefined {
    if (exchange === '') return [key]
    const type = this.#types.get(exchange)
    if (type === undefined || !['direct', 'fanout', 'topic'].includes(type)) return undefined
    const taken = this.#bindings.filter((one) => {
      if (one.exchange !== exchange) return false
      if (type === 'fanout') return true
      return type === 'topic' ? matches(one.key.split('.'), key.split('.')) : one.key === key
    })
    return [...new Set(taken.map(({ queue }) => queue))]
  }
}

/** '*' stands for one word, '#' for any number of them. */
function matches([first, ...pattern]: string[], words: string[]): boolean {
  if (first === undefined) return words.length === 0
  if (first === '#')
    return matches(pattern, words) || (words.length > 0 && matches([first, ...pattern], words.slice(1)))
  return words.length > 0 && (first === '*' || first === words[0]) && matches(pattern, words.slice(1))
}

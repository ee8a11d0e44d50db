import { DeadLetters } from './dead-letters.ts'
import { notFound } from './errors.ts'
import type { Binding, Destination } from './exchange/binding.ts'
import { Exchange, type ExchangeSettings } from './exchange/exchange.ts'
import { Queue, type QueueOptions } from './queue/queue.ts'

const STANDARD: [name: string, type: string][] = [
  ['', 'direct'],
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.headers', 'headers'],
  ['amq.match', 'headers'],
  ['amq.rabbitmq.trace', 'topic'],
  ['amq.topic', 'topic'],
]

/** A virtual host: exchanges, queues, and the bindings between them. */
export class Vhost {
  readonly name: string
  readonly exchanges = new Map<string, Exchange>()
  readonly queues = new Map<string, Queue>()
  readonly #deadLetters = new DeadLetters(this)
  /** Bindings by where they end: 'queue q' or 'exchange x'. Those that begin at an exchange are its own. */
  readonly #byDestination = new Map<string, Set<Binding>>()
  readonly #kept: (bytes: number) => void

  /** @param kept is told how many bytes of messages come or go */
  constructor(name: string, kept: (bytes: number) => void) {
    this.name = name
    this.#kept = kept
    for (const [each, type] of STANDARD) {
      const internal = each === 'amq.rabbitmq.trace'
      this.addExchange({ name: each, type, durable: true, autoDelete: false, internal, arguments: {} })
    }
  }

  /** @throws ChannelError */
  exchange(name: string): Exchange {
    const exchange = this.exchanges.get(name)
    if (exchange === undefined) throw notFound('exchange', name, this.name)
    return exchange
  }

  /** @throws ChannelError */
  queue(name: string): Queue {
    const queue = this.queues.get(name)
    if (queue === undefined) throw notFound('queue', name, this.name)
    return queue
  }

  /** @throws ChannelError */
  addExchange(settings: ExchangeSettings): void {
    this.exchanges.set(settings.name, new Exchange(settings))
  }

  removeExchange(exchange: Exchange): void {
    if (!this.exchanges.delete(exchange.name)) return
    for (const binding of [...exchange.bindings]) this.#forget(binding)
    this.#unbindAllTo({ kind: 'exchange', name: exchange.name })
  }

  addQueue(options: QueueOptions): Queue {
    const queue = new Queue(options, {
      buried: (from, message, reason, failures) => this.#deadLetters.add({ queue: from, message, reason, failures }),
      unused: (each) => this.removeQueue(each),
      kept: this.#kept,
    })
    this.queues.set(queue.name, queue)
    return queue
  }

  /** Its consumers are told. */
  removeQueue(queue: Queue): void {
    if (queue.isDeleted) return
    this.queues.delete(queue.name)
    this.#unbindAllTo({ kind: 'queue', name: queue.name })
    queue.delete()
  }

  /** @throws ChannelError */
  bind(binding: Binding): void {
    const bound = this.exchange(binding.source).bind(binding)
    const key = keyOf(bound.destination)
    const known = this.#byDestination.get(key)
    if (known === undefined) this.#byDestination.set(key, new Set([bound]))
    else known.add(bound)
  }

  /** An exchange that is auto-delete goes with its last binding. */
  unbind(binding: Binding): void {
    const exchange = this.exchanges.get(binding.source)
    const known = exchange?.unbind(binding)
    if (exchange === undefined || known === undefined) return
    this.#forget(known)
    if (exchange.settings.autoDelete && !exchange.isUsed) this.removeExchange(exchange)
  }

  /** A connection has ended: so do its exclusive queues. */
  disown(owner: object): void {
    for (const queue of [...this.queues.values()]) if (queue.owner === owner) this.removeQueue(queue)
  }

  /** What a restart leaves: durable queues with their persistent messages, and all exchanges. */
  forgetTransient(): void {
    for (const queue of [...this.queues.values()]) {
      if (queue.durable && queue.owner === undefined) queue.forgetTransient()
      else this.removeQueue(queue)
    }
  }

  clear(): void {
    for (const queue of [...this.queues.values()]) this.removeQueue(queue)
    this.exchanges.clear()
    this.#byDestination.clear()
  }

  #unbindAllTo(destination: Destination): void {
    const bindings = this.#byDestination.get(keyOf(destination))
    for (const binding of [...(bindings ?? [])]) this.unbind(binding)
  }

  #forget(binding: Binding): void {
    const key = keyOf(binding.destination)
    const known = this.#byDestination.get(key)
    known?.delete(binding)
    if (known?.size === 0) this.#byDestination.delete(key)
  }
}

function keyOf({ kind, name }: Destination): string {
  return `${kind} ${name}`
}

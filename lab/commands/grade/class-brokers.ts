import type { Broker, Starting } from '../../broker/broker.ts'
import { openBroker } from '../../broker/choose.ts'
import { type KindName, RABBITMQ_KINDS } from '../../broker/kinds/kind.ts'
import { LabError } from '../../errors.ts'

interface Lent extends AsyncDisposable {
  broker: Broker
}

/**
 * The brokers that a class is judged on. Lessons that restart theirs have one of their own: the others need not wait for
 * the restarts. The embedded broker boots in no time, so there each check that restarts it has it to itself.
 */
export class ClassBrokers implements AsyncDisposable {
  readonly #kind: 'auto' | KindName
  readonly #onStarting: (starting: Starting) => void
  readonly #signal: AbortSignal
  #first: Promise<Broker> | undefined
  #restarting: Promise<Broker> | undefined
  readonly #free: Broker[] = []
  readonly #held = new Set<Broker>()
  #isEmbedded = false

  constructor(kind: 'auto' | KindName, onStarting: (starting: Starting) => void, signal: AbortSignal) {
    this.#kind = kind
    this.#onStarting = onStarting
    this.#signal = signal
  }

  /** Opens the first one. @throws LabError 'no-rabbitmq' where only the lab's own broker can be had, and nobody asked for it */
  async open(): Promise<Broker> {
    const broker = await this.#current()
    this.#isEmbedded = broker.info.kind === 'embedded'
    return broker
  }

  /** Whether a broker serves many checks at a time. */
  get isShared(): boolean {
    return !this.#isEmbedded
  }

  /** A broker for one check. */
  async lend(restarts: boolean): Promise<Lent> {
    if (!restarts) return { broker: await this.#current(), [Symbol.asyncDispose]: async () => {} }
    if (!this.#isEmbedded) return { broker: await this.#restarted(), [Symbol.asyncDispose]: async () => {} }
    const broker = this.#free.pop() ?? (await this.#fresh())
    return {
      broker,
      [Symbol.asyncDispose]: async () => {
        if (!broker.lost.aborted) this.#free.push(broker)
      },
    }
  }

  /** The warm one; another one where it was lost. */
  async #current(): Promise<Broker> {
    const known = this.#first
    const broker = await known?.catch(() => undefined)
    if (broker && !broker.lost.aborted) return broker
    // Of several who find it lost, the first opens another.
    if (this.#first === known) this.#first = this.#opened()
    return this.#first as Promise<Broker>
  }

  async #opened(): Promise<Broker> {
    const among = this.#kind === 'auto' ? { among: RABBITMQ_KINDS } : {}
    const options = { kind: this.#kind, ...among, onStarting: this.#onStarting, signal: this.#signal }
    const broker = await openBroker(options).catch((error: unknown) => {
      if (!(error instanceof LabError) || error.code !== 'no-broker' || this.#kind !== 'auto') throw error
      const advice = `${error.advice ?? ''}\nA class is judged on RabbitMQ. --broker embedded takes the lab's own broker in its place.`
      throw new LabError('no-rabbitmq', error.message, { advice: advice.trim(), cause: error })
    })
    this.#held.add(broker)
    return broker
  }

  async #restarted(): Promise<Broker> {
    const known = this.#restarting
    const broker = await known?.catch(() => undefined)
    if (broker && !broker.lost.aborted) return broker
    if (this.#restarting === known) this.#restarting = this.#fresh()
    return this.#restarting as Promise<Broker>
  }

  async #fresh(): Promise<Broker> {
    const { info } = await this.#current()
    const image = info.image === undefined ? {} : { image: info.image }
    const broker = await openBroker({ kind: info.kind as KindName, ...image, fresh: true, signal: this.#signal })
    this.#held.add(broker)
    return broker
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#held].map((broker) => broker[Symbol.asyncDispose]()))
  }
}

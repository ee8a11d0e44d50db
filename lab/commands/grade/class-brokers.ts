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
  readonly #shared = new Kept(() => this.#opened())
  readonly #restarted = new Kept(() => this.#fresh())
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
    const broker = await this.#shared.current()
    this.#isEmbedded = broker.info.kind === 'embedded'
    return broker
  }

  /** Whether a broker serves many checks at a time. */
  get isShared(): boolean {
    return !this.#isEmbedded
  }

  /** A broker for one check. */
  async lend(restarts: boolean): Promise<Lent> {
    if (!restarts) return { broker: await this.#shared.current(), [Symbol.asyncDispose]: async () => {} }
    if (!this.#isEmbedded) return { broker: await this.#restarted.current(), [Symbol.asyncDispose]: async () => {} }
    const broker = this.#free.pop() ?? (await this.#fresh())
    return {
      broker,
      [Symbol.asyncDispose]: async () => {
        if (!broker.lost.aborted) this.#free.push(broker)
      },
    }
  }

  async #opened(): Promise<Broker> {
    const among = this.#kind === 'auto' ? { among: RABBITMQ_KINDS } : {}
    const options = { kind: this.#kind, ...among, onStarting: this.#onStarting, signal: this.#signal }
    const broker = await openBroker(options).catch((error: unknown) => {
      if (!(error instanceof LabError) || error.code !== 'no-broker' || this.#kind !== 'auto') throw error
      const advice = `${error.advice ?? ''}\nA class is judged on RabbitMQ. To use the lab's own broker instead, pass --broker embedded.`
      throw new LabError('no-rabbitmq', error.message, { advice: advice.trim(), cause: error })
    })
    this.#held.add(broker)
    return broker
  }

  async #fresh(): Promise<Broker> {
    const { info } = await this.#shared.current()
    const image = info.image === undefined ? {} : { image: info.image }
    const broker = await openBroker({ kind: info.kind as KindName, ...image, fresh: true, signal: this.#signal })
    this.#held.add(broker)
    return broker
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#held].map((broker) => broker[Symbol.asyncDispose]()))
  }
}

/** A broker that is opened when it is first asked for, and another one where it was lost. */
class Kept {
  readonly #open: () => Promise<Broker>
  #opened: Promise<Broker> | undefined

  constructor(open: () => Promise<Broker>) {
    this.#open = open
  }

  async current(): Promise<Broker> {
    const known = this.#opened
    const broker = await known?.catch(() => undefined)
    if (broker && !broker.lost.aborted) return broker
    // Of several who find it lost, the first opens another.
    if (this.#opened === known) this.#opened = this.#open()
    return this.#opened as Promise<Broker>
  }
}

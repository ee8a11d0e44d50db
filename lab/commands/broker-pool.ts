import type { Broker, Starting } from '../broker/broker.ts'
import { openBroker } from '../broker/choose.ts'
import { KINDS, type KindName, RABBITMQ_KINDS } from '../broker/kinds/kind.ts'
import { LabError } from '../errors.ts'

/**
 * The brokers for somebody who is at work: RabbitMQ, which decides, as soon as it is there, and until then the
 * lab's own, which answers at once.
 *
 *   now()  ──▶ RabbitMQ where it is ready, else the embedded broker
 */
export class BrokerPool implements AsyncDisposable {
  #authoritative: Promise<Broker | undefined> | undefined
  #ready: Broker | undefined
  #standIn: Promise<Broker> | undefined
  #status = 'looking for RabbitMQ'
  #standInName: string | undefined
  #isStarting = false
  #passedOver: string[] = []
  readonly #ending = new AbortController()

  /** Which RabbitMQ is looked for; none at all where only the lab's own broker is wanted. */
  readonly #among: readonly KindName[]

  /** @param only LAB_BROKER: the one kind that is wanted; by default any. */
  constructor(only = process.env.LAB_BROKER) {
    const known = (KINDS as string[]).includes(only ?? '')
    if (only && only !== 'auto' && !known) {
      throw new LabError('usage', `There is no broker '${only}'.`, {
        advice: `LAB_BROKER can be one of: ${KINDS.join(', ')}.`,
      })
    }
    this.#among = known ? RABBITMQ_KINDS.filter((kind) => kind === only) : RABBITMQ_KINDS
    void this.#start()
  }

  /** In a few words: what checks run on now. */
  get status(): string {
    if (this.#ready || this.#standInName === undefined) return this.#status
    // RabbitMQ is on its way, or can't be had: until it is there, this is what judges.
    return this.#isStarting ? `${this.#standInName}; ${this.#status}` : this.#standInName
  }

  /** Why the kinds before it were not taken, a line each. */
  get passedOver(): readonly string[] {
    return this.#passedOver
  }

  /** RabbitMQ, once it is ready. */
  get authoritative(): Broker | undefined {
    return this.#ready
  }

  /** What answers at once. What was fixed meanwhile (Docker started, an image pulled) counts from the next time on. */
  async now(): Promise<Broker> {
    if (this.authoritative) return this.authoritative
    this.#authoritative ??= this.#start()
    const standIn = await this.#standIn?.catch(() => undefined)
    if (standIn && !standIn.lost.aborted) return standIn
    this.#standIn = openBroker({ kind: 'embedded' })
    const { product, version, kind } = (await this.#standIn).info
    // The verdict names it so, too.
    this.#standInName = `${product} ${version} (${kind})`
    return this.#standIn
  }

  /** RabbitMQ, which is waited for where it is on its way; else what answers at once. */
  async best(): Promise<Broker> {
    return (await this.whenReady()) ?? this.now()
  }

  /** Resolves with RabbitMQ when it is ready; with undefined where it can't be had. */
  async whenReady(): Promise<Broker | undefined> {
    return this.authoritative ?? (await this.#authoritative?.catch(() => undefined))
  }

  #start(): Promise<Broker | undefined> {
    if (this.#among.length === 0) {
      this.#status = "the lab's own broker"
      return Promise.resolve(undefined)
    }
    this.#passedOver = []
    const tell = ({ kind, phase, text, elapsedMs }: Starting) => {
      if (phase === 'passed-over') this.#passedOver.push(`${kind}: ${text}`)
      this.#isStarting = true
      this.#status = `${kind}: ${text}, ${(elapsedMs / 1000).toFixed(0)} s`
    }
    const opening = openBroker({ kind: 'auto', among: this.#among, onStarting: tell, signal: this.#ending.signal })
    this.#authoritative = opening
    opening.then(
      (broker) => {
        this.#ready = broker
        this.#isStarting = false
        broker.lost.addEventListener('abort', () => {
          this.#ready = undefined
          this.#authoritative = undefined
        })
        this.#status = `${broker.info.product} ${broker.info.version} (${broker.info.kind})`
      },
      () => {
        this.#authoritative = undefined
        this.#isStarting = false
        this.#status = "the lab's own broker (npm run doctor says why)"
      },
    )
    return opening
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error('the lab is left'))
    for (const opening of [this.#authoritative, this.#standIn]) {
      const broker = await opening?.catch(() => undefined)
      await broker?.[Symbol.asyncDispose]()
    }
  }
}

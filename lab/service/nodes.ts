import type { Broker, BrokerNode, Turn } from '../broker/broker.ts'
import * as sentences from './sentences.ts'

/** A node of a run's cluster, as it stands. */
export interface NodeStanding {
  name: string
  state: 'up' | 'stopping' | 'stopped' | 'starting'
  /** The service is connected to it. */
  hasService: boolean
}

export interface NodesOptions {
  broker: Pick<Broker, 'nodes' | 'turn'>
  hasService(node: string): boolean
  say(text: string): void
}

/**
 * The nodes of a run's cluster: each can be stopped and started again. As long as one of them is not up the run has the
 * cluster's turn, so that checks wait.
 */
export class Nodes implements AsyncDisposable {
  readonly #options: NodesOptions
  readonly #states = new Map<string, NodeStanding['state']>()
  readonly #leaving = new AbortController()
  #turn: Turn | undefined
  #last: Promise<void> = Promise.resolve()
  #pending = 0

  constructor(options: NodesOptions) {
    this.#options = options
    for (const { name } of options.broker.nodes) this.#states.set(name, 'up')
  }

  get all(): NodeStanding[] {
    const { hasService } = this.#options
    return [...this.#states].map(([name, state]) => ({ name, state, hasService: hasService(name) }))
  }

  /** One that is up: the lab's own client goes there. */
  get up(): BrokerNode | undefined {
    return this.#options.broker.nodes.find(({ name }) => this.#states.get(name) === 'up')
  }

  /** Resolves when what was asked for is done; undefined where nothing is. */
  get underWay(): Promise<void> | undefined {
    return this.#pending === 0 ? undefined : this.#last
  }

  /** Stops a node in the orderly way, as soon as no check needs the cluster. The last one stays. */
  async stop(name: string): Promise<void> {
    if (this.#states.get(name) !== 'up') return
    const { broker, say } = this.#options
    if (this.#count('up') === 1) return say(sentences.LAST_NODE)
    await this.#change(name, { during: 'stopping', after: 'stopped' }, async () => {
      if (this.#turn === undefined) {
        say(sentences.willStop(name))
        this.#turn = await broker.turn({ signal: this.#leaving.signal })
      }
      await this.#turn.harm(name, 'stop')
    })
    say(sentences.nodeStopped(name, this.#states.size - this.#count('stopped'), this.#states.size))
  }

  /** Starts one that was stopped. */
  async start(name: string): Promise<void> {
    if (this.#states.get(name) !== 'stopped') return
    await this.#change(name, { during: 'starting', after: 'up' }, async () => this.#turn?.revive(name))
    this.#options.say(sentences.nodeStarted(name, this.#count('up'), this.#states.size))
    await this.#leaveIfWhole()
  }

  /** For one key: what is stopped is started; where all are up, the one that the service is at is stopped. */
  next(): Promise<void> {
    const stopped = this.all.find(({ state }) => state === 'stopped')
    if (stopped !== undefined) return this.start(stopped.name)
    const target = this.all.find(({ hasService }) => hasService) ?? this.all[0]
    if (target !== undefined) return this.stop(target.name)
    this.#options.say(sentences.NO_NODES)
    return Promise.resolve()
  }

  #count(wanted: NodeStanding['state']): number {
    return [...this.#states.values()].filter((state) => state === wanted).length
  }

  /** One after the other. */
  async #change(
    name: string,
    { during, after }: { during: NodeStanding['state']; after: NodeStanding['state'] },
    change: () => Promise<void>,
  ): Promise<void> {
    const before = this.#states.get(name) ?? 'up'
    this.#states.set(name, during)
    this.#pending++
    const changed = this.#last.then(async () => {
      this.#leaving.signal.throwIfAborted()
      await change()
    })
    this.#last = changed.catch(() => {})
    try {
      await changed
      this.#states.set(name, after)
    } catch (error) {
      this.#states.set(name, before)
      await this.#leaveIfWhole()
      throw error
    } finally {
      this.#pending--
    }
  }

  async #leaveIfWhole(): Promise<void> {
    if (this.#count('up') === this.#states.size) await this.#leave()
  }

  async #leave(): Promise<void> {
    const turn = this.#turn
    this.#turn = undefined
    await turn?.[Symbol.asyncDispose]()
  }

  /** What is still stopped is started: the cluster's keeper sees to that. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort(new Error('the run is left'))
    await this.#leave()
  }
}

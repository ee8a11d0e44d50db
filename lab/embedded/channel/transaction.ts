import { partialCommit, queueGone } from '../errors.ts'
import type { Channel, Settle, Uncommitted } from './channel.ts'
import type { Publication } from './publication.ts'
import { enqueue, handOver } from './publish.ts'
import type { Outstanding } from './unacknowledged.ts'

interface Settlement {
  readonly taken: Outstanding[]
  readonly settle: Settle
}

/**
 * What a transactional channel holds back until its commit: the messages that it published, which were checked and
 * routed when they came, and the deliveries that it settled.
 */
export class Transaction implements Uncommitted {
  readonly #channel: Channel
  #publications: Publication[] = []
  #settlements: Settlement[] = []

  constructor(channel: Channel) {
    this.#channel = channel
  }

  publish(publication: Publication): void {
    this.#publications.push(publication)
    this.#kept(publication.message.footprint)
  }

  settle(taken: Outstanding[], settle: Settle): void {
    this.#settlements.push({ taken, settle })
  }

  /**
   * Publishes, then settles. RabbitMQ answers once the queues have taken what is published, and waits for nothing else:
   * so deliveries of these messages come before tx.commit-ok, and what a commit of settlements alone frees comes after.
   *
   * @throws ChannelError, ConnectionError when a message can't go to all its queues
   */
  commit(): void {
    const publications = this.#takePublications()
    const isAnswered = publications.length === 0
    if (isAnswered) this.#channel.send('tx.commit-ok')
    const isWhole = this.#publishAll(publications)
    for (const { taken, settle } of this.#takeSettlements()) settle(this.#channel, taken)
    if (!isWhole) throw partialCommit()
    if (!isAnswered) this.#channel.send('tx.commit-ok')
  }

  /** Drops the messages; the deliveries are unacknowledged again. */
  rollback(): void {
    this.#takePublications()
    this.#channel.unacknowledged.restore(this.#takeSettlements().flatMap(({ taken }) => taken))
  }

  /** False when a queue did not take its message. @throws ConnectionError */
  #publishAll(publications: readonly Publication[]): boolean {
    let isWhole = true
    for (const publication of publications) {
      if (this.#hasLostQueue(publication)) isWhole = false
      if (!enqueue(this.#channel, publication)) isWhole = false
      handOver(this.#channel, publication)
    }
    return isWhole
  }

  #takePublications(): Publication[] {
    const publications = this.#publications
    this.#publications = []
    for (const { message } of publications) this.#kept(-message.footprint)
    return publications
  }

  #takeSettlements(): Settlement[] {
    const settlements = this.#settlements
    this.#settlements = []
    return settlements
  }

  /** Whether a queue was deleted and declared again since. @throws ConnectionError when one is gone */
  #hasLostQueue({ queues = [] }: Publication): boolean {
    const { vhost } = this.#channel
    const deleted = [...queues].filter(({ isDeleted }) => isDeleted)
    const gone = deleted.find(({ name }) => !vhost.queues.has(name))
    if (gone !== undefined) throw queueGone(gone.name, vhost.name)
    return deleted.length > 0
  }

  #kept(bytes: number): void {
    this.#channel.connection.broker.memory.kept(bytes)
  }
}

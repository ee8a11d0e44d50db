import type { Broker, Starting } from '../../broker/broker.ts'
import { openBroker } from '../../broker/choose.ts'
import { clusterOf } from '../../broker/kinds/kind.ts'
import { LabError } from '../../errors.ts'
import type { BrokerAt } from './protocol.ts'

/** Leases on clusters, taken when a scenario first needs one and kept for the next check. */
export class Clusters {
  readonly #onStarting: (starting: Starting) => void
  readonly #opened = new Map<string, Promise<Broker>>()

  constructor(onStarting: (starting: Starting) => void) {
    this.#onStarting = onStarting
  }

  /** A cluster whose nodes are of a broker's kind, and run its image; or why there can be none. */
  async at(broker: BrokerAt, image: string | undefined): Promise<Broker | string> {
    const kind = clusterOf(broker.kind)
    if (kind === undefined) {
      return `This needs a cluster of three RabbitMQ nodes, which the ${broker.kind} broker can't form. Check with RabbitMQ instead (npm run doctor says which brokers can be used here).`
    }
    const fresh = broker.key.startsWith(`${broker.kind}-fresh-`)
    const known = await this.#opened.get(broker.key)?.catch(() => undefined)
    // All scenarios of a check ask at once, and are given the same.
    const opening =
      known?.lost.aborted || !this.#opened.has(broker.key)
        ? openBroker({ kind, image, fresh, onStarting: this.#onStarting })
        : (this.#opened.get(broker.key) as Promise<Broker>)
    this.#opened.set(broker.key, opening)
    try {
      return await opening
    } catch (error) {
      // The next check tries again.
      this.#opened.delete(broker.key)
      if (!(error instanceof LabError)) throw error
      return `A cluster of three RabbitMQ nodes can't be started here. ${error.message}`
    }
  }
}

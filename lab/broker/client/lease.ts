import type { Broker, BrokerInfo, BrokerNode, ConnectionSeen, Turn, Vhost } from '../broker.ts'
import type { LeasedBroker, VhostLogin } from '../kept-broker.ts'
import type { Call } from './call.ts'

/** A lease on a keeper's broker: each call is a question to the keeper. */
export class BrokerLease implements Broker {
  readonly key: string
  readonly info: BrokerInfo
  readonly host: string
  readonly port: number
  readonly nodes: readonly BrokerNode[]
  readonly management: Broker['management']
  readonly lost: AbortSignal
  readonly #call: Call
  #turnCount = 0

  constructor(call: Call, key: string, { info, host, port, nodes = [], management }: LeasedBroker) {
    this.#call = call
    this.key = key
    this.info = info
    this.host = host
    this.port = port
    this.nodes = nodes
    this.management = management
    const lost = new AbortController()
    this.lost = lost.signal
    void call.ended.then((error) => {
      if (error.code !== 'broker-released') lost.abort(error)
    })
  }

  async openVhost({ spelling = 'plain' }: { spelling?: 'plain' | 'odd' } = {}): Promise<Vhost> {
    return new LeasedVhost(this.#call, this, await this.#call.ask({ do: 'openVhost', spelling }))
  }

  async turn({ restarts = false, signal }: { restarts?: boolean; signal?: AbortSignal } = {}): Promise<Turn> {
    signal?.throwIfAborted()
    const turn = ++this.#turnCount
    const leave = () => this.#call.ask({ do: 'leave', turn }).then(noop, noop)
    signal?.addEventListener('abort', leave, { once: true })
    try {
      await this.#call.ask({ do: 'enter', turn, restarts })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', leave)
    }
    return {
      restart: () => this.#call.ask({ do: 'restart', turn }).then(noop),
      harm: (node, how) => this.#call.ask({ do: 'harm', turn, node, how }).then(noop),
      revive: (node) => this.#call.ask({ do: 'revive', turn, node }).then(noop),
      mend: () => this.#call.ask({ do: 'mend', turn }).then(noop),
      [Symbol.asyncDispose]: leave,
    }
  }

  guard(pid: number): void {
    this.#call.ask({ do: 'guard', pid }).catch(noop)
  }

  unguard(pid: number): void {
    this.#call.ask({ do: 'unguard', pid }).catch(noop)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#call.end()
  }
}

class LeasedVhost implements Vhost {
  readonly name: string
  readonly user: string
  readonly password: string
  readonly #call: Call
  readonly #at: { host: string; port: number }

  constructor(call: Call, at: { host: string; port: number }, { name, user, password }: VhostLogin) {
    this.#call = call
    this.#at = at
    this.name = name
    this.user = user
    this.password = password
  }

  url({ host, port } = this.#at): string {
    const [user, password, name] = [this.user, this.password, this.name].map(encodeURIComponent)
    return `amqp://${user}:${password}@${host}:${port}/${name}`
  }

  connections(): Promise<ConnectionSeen[]> {
    return this.#call.ask({ do: 'connections', name: this.name })
  }

  async closeConnection(id: string): Promise<void> {
    await this.#call.ask({ do: 'closeConnection', name: this.name, connection: id })
  }

  /** Resolves when the keeper has taken it back; it deletes it in the background. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Where the lease is over, the virtual host is gone with it.
    await this.#call.ask({ do: 'closeVhost', name: this.name }).catch(noop)
  }
}

function noop(): void {}

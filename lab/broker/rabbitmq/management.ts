import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { VhostLogin } from '../kept-broker.ts'
import { messages } from '../messages.ts'

/** How long the API may be away, for a boot or a restart, before that is an error. */
const AWAY_LIMIT_MS = 20_000

/** RabbitMQ's management API, as far as the lab needs it. Its calls wait while the API comes up; all are idempotent. */
export class Management {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 })
  readonly #at: { host: string; port: number; user: string; password: string }

  constructor(at: { host: string; port: number; user: string; password: string }) {
    this.#at = at
  }

  async addVhost({ name, user, password }: VhostLogin): Promise<void> {
    await Promise.all([
      this.#call('PUT', ['vhosts', name], {}),
      this.#call('PUT', ['users', user], { password, tags: '' }),
    ])
    await this.#call('PUT', ['permissions', name, user], { configure: '.*', write: '.*', read: '.*' })
  }

  /**
   * Has every node of its cluster that is up start its part of a virtual host, and resolves with whether all let clients in. A node
   * that has just come back may have missed that there is a new one, and on 3.10 never hears of it.
   */
  async startVhostEverywhere(name: string): Promise<boolean> {
    const [nodes, vhost] = await Promise.all([this.#call('GET', ['nodes']), this.#call('GET', ['vhosts', name])])
    const { cluster_state: states = {} } = vhost as { cluster_state?: Record<string, string> }
    const up = (nodes as { name: string; running: boolean }[]).filter(({ running }) => running)
    const missing = up.filter(({ name }) => states[name] !== 'running')
    await Promise.all(missing.map((node) => this.#send('POST', ['vhosts', name, 'start', node.name], {})))
    return missing.length === 0
  }

  /** Ends its connections, too. */
  async removeVhost({ name, user }: VhostLogin): Promise<void> {
    await this.#call('DELETE', ['users', user])
    await this.#call('DELETE', ['vhosts', name])
  }

  /** The connections that `user` has open: from the broker's own register, which does not lag as the statistics do. */
  async connectionsOf(user: string): Promise<{ name: string; user: string; vhost: string }[]> {
    return (await this.#call('GET', ['connections', 'username', user])) as {
      name: string
      user: string
      vhost: string
    }[]
  }

  /**
   * All of a user's clients get a connection.close with reply code 320.
   *
   * @returns false where this RabbitMQ is too old to do it
   */
  async closeConnectionsOf(user: string, reason: string): Promise<boolean> {
    const { status } = await this.#send('DELETE', ['connections', 'username', user], undefined, { 'X-Reason': reason })
    return status === 204
  }

  /** The nodes of its cluster, as this one sees them. */
  async nodes(): Promise<{ name: string; running: boolean; partitions?: string[] }[]> {
    const { status, text } = await this.#send('GET', ['nodes'])
    if (status !== 200) throw messages.managementFailed('GET /nodes', { status, text })
    return JSON.parse(text)
  }

  /** Ends its connections; later calls make new ones. */
  hangUp(): void {
    this.#agent.destroy()
  }

  async #call(method: string, path: string[], body?: object): Promise<unknown> {
    const until = performance.now() + AWAY_LIMIT_MS
    for (;;) {
      const answer = await this.#send(method, path, body).catch((error: Error) => error)
      if (!(answer instanceof Error)) {
        if (answer.status < 300) return answer.text === '' ? undefined : JSON.parse(answer.text)
        if (answer.status === 404 && method === 'DELETE') return undefined
      }
      // While it boots, it refuses connections, resets them, or answers 5xx, and 401 before users are loaded.
      const lasting = !(answer instanceof Error) && answer.status < 500 && answer.status !== 401
      if (lasting || performance.now() > until) throw messages.managementFailed(`${method} /${path.join('/')}`, answer)
      await wait(20)
    }
  }

  #send(
    method: string,
    path: string[],
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const { host, port, user, password } = this.#at
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          host,
          port,
          method,
          path: `/api/${path.map(encodeURIComponent).join('/')}`,
          auth: `${user}:${password}`,
          headers: { 'content-type': 'application/json', ...headers },
          timeout: 10_000,
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
          response.on('error', reject)
        },
      )
      sent.on('timeout', () => sent.destroy(new Error('no answer within 10 s')))
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
}

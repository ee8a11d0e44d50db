import type { BrokerInfo, ConnectionSeen } from '../broker.ts'
import type { VhostLogin } from '../keeper/protocol.ts'
import type { BootOptions, KeptBroker } from '../kinds/kind.ts'
import { messages } from '../messages.ts'
import { type Birth, newLogin } from './definitions.ts'
import { untilHello } from './hello.ts'
import { Management } from './management.ts'
import { ConnectionNames } from './names.ts'
import { VhostPool } from './pool.ts'

/** Cold machines are slow: a laptop that has just woken up takes half a minute. */
const BOOT_LIMIT_MS = 120_000
const RESTART_LIMIT_MS = 60_000

/** A RabbitMQ that somebody has started, ready or not. */
export interface RabbitNode {
  host: string
  port: number
  managementPort: number
  /** Restarts the broker, keeping what is durable; the ports stay. */
  restart(): Promise<void>
  /** Resolves with a LabError when it ends without having been stopped. */
  died: Promise<Error>
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>
}

/** Waits until a node that was started with this birth is ready. Rejects with a LabError, having stopped it. */
export async function whenReady(
  kind: string,
  node: RabbitNode,
  birth: Birth,
  options: BootOptions,
): Promise<KeptBroker> {
  try {
    const about = await readyWithin(node, BOOT_LIMIT_MS, options.signal, messages.bootTookTooLong)
    const broker = new RabbitMQ({ kind, ...about }, node, birth)
    await broker.listen()
    return broker
  } catch (error) {
    await node.stop()
    throw error
  }
}

async function readyWithin(
  node: RabbitNode,
  limitMs: number,
  signal: AbortSignal | undefined,
  tooLong: (limitMs: number, last: string) => Error,
): Promise<{ product: string; version: string }> {
  const giveUp = new AbortController()
  let last = 'nothing yet'
  const timer = setTimeout(() => giveUp.abort(tooLong(limitMs, last)), limitMs)
  void node.died.then((error) => giveUp.abort(error))
  try {
    return await untilHello(node.host, node.port, {
      signal: signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal,
      onFailure: (error) => {
        last = error.message
      },
    })
  } finally {
    clearTimeout(timer)
  }
}

class RabbitMQ implements KeptBroker {
  readonly info: BrokerInfo
  readonly host: string
  readonly port: number
  readonly management: { url: string; user: string; password: string }
  readonly died: Promise<Error>
  readonly #node: RabbitNode
  readonly #api: Management
  readonly #names: ConnectionNames
  readonly #pool: VhostPool
  readonly #open = new Map<string, VhostLogin>()
  /** Settles when the broker is up; virtual hosts are given out only then. */
  #up: Promise<void> = Promise.resolve()
  #removing: Promise<void> = Promise.resolve()

  constructor(info: BrokerInfo, node: RabbitNode, birth: Birth) {
    const { user, password } = birth.admin
    this.info = info
    this.host = node.host
    this.port = node.port
    this.management = { url: `http://${node.host}:${node.managementPort}/`, user, password }
    this.died = node.died
    this.#node = node
    this.#api = new Management({ host: node.host, port: node.managementPort, user, password })
    this.#names = new ConnectionNames(`amqp://${user}:${password}@${node.host}:${node.port}/%2F`)
    this.#pool = new VhostPool(() => this.#make('plain'), birth.vhosts)
  }

  async listen(): Promise<void> {
    await this.#names.attach()
  }

  async openVhost(spelling: 'plain' | 'odd'): Promise<VhostLogin> {
    await this.#up
    const login = await (spelling === 'plain' ? this.#pool.take() : this.#make('odd'))
    this.#open.set(login.name, login)
    return login
  }

  /** One after the other: deleting is work for the broker, and those who are being checked need it more. */
  closeVhost(name: string): Promise<void> {
    const login = this.#open.get(name)
    this.#open.delete(name)
    if (login) this.#removing = this.#removing.then(() => this.#api.removeVhost(login)).catch(() => {})
    return this.#removing
  }

  async connections(vhost: string): Promise<ConnectionSeen[]> {
    const login = this.#open.get(vhost)
    if (login === undefined) throw messages.vhostClosed(vhost)
    const seen = await this.#api.connectionsOf(login.user)
    return Promise.all(seen.map(async ({ name, user }) => ({ id: name, name: await this.#names.nameOf(name), user })))
  }

  closeConnection(id: string): Promise<void> {
    return this.#api.closeConnection(id, 'closed by the lab')
  }

  async restart(): Promise<void> {
    const restarted = this.#restart()
    this.#up = restarted.catch(() => {})
    await restarted
  }

  async #restart(): Promise<void> {
    await this.#names.close()
    await this.#node.restart()
    await readyWithin(this.#node, RESTART_LIMIT_MS, undefined, messages.restartTookTooLong)
    await this.#names.attach()
  }

  async stop(): Promise<void> {
    this.#api.close()
    await this.#node.stop()
  }

  async #make(spelling: 'plain' | 'odd'): Promise<VhostLogin> {
    const login = newLogin(spelling)
    await this.#api.addVhost(login)
    return login
  }
}

import type { BrokerInfo, ConnectionSeen } from '../broker.ts'
import { type BootOptions, CLOSE_REASON, type KeptBroker, type VhostLogin } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import { ConnectionLog } from './connection-log.ts'
import { type Birth, newLogin } from './definitions.ts'
import { untilHello } from './hello.ts'
import { Management } from './management.ts'
import { VhostPool } from './pool.ts'

/** Cold machines are slow: a laptop that has just woken up takes half a minute. */
const BOOT_LIMIT_MS = 120_000
const RESTART_LIMIT_MS = 60_000
/** Virtual hosts kept ready: about as many as the scenarios of a check that begin at once. */
const POOL_SIZE = 6

const REGISTER_LAG_MS = 2000

/**
 * What the broker is told to evaluate: what `stop_app` and `start_app` do, in one call. The broker's application stops and
 * boots anew from what it has on disk, and all connections are lost. The Erlang machine below it lives on, and so do
 * its operating system process and its ports. (The statistics' event handler is taken out first: in RabbitMQ 3.10 it
 * holds the stop up for five seconds. It comes back with its plugin.)
 */
const RESTART_EXPRESSION =
  'gen_event:delete_handler(rabbit_event, rabbit_mgmt_db_handler, []), rabbit:stop(), rabbit:start().'

/** A RabbitMQ that somebody has started, ready or not. */
export interface RabbitNode {
  host: string
  port: number
  managementPort: number
  /** Has the broker evaluate an Erlang expression that returns 'ok'. */
  evaluate(expression: string): Promise<{ output: string; exitCode: number }>
  /** Runs rabbitmqctl with these arguments. */
  ctl(args: string[]): Promise<{ output: string; exitCode: number }>
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
  void ConnectionLog.prepare()
  try {
    const about = await readyWithin(node, options.limitMs ?? BOOT_LIMIT_MS, options.signal, messages.bootTookTooLong)
    const broker = new RabbitMQ({ kind, ...about, image: options.image }, node, birth, options.log)
    await Promise.race([broker.listen(), node.died.then((error) => Promise.reject(error))])
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
  readonly #log: ConnectionLog
  readonly #pool: VhostPool
  readonly #open = new Map<string, VhostLogin>()
  readonly #note: (line: string) => void
  /** Settles when the broker is not being restarted; virtual hosts are made, given out and deleted only then. */
  #up: Promise<void> = Promise.resolve()
  readonly #underWay = new Set<Promise<unknown>>()
  #removing: Promise<void> = Promise.resolve()

  constructor(info: BrokerInfo, node: RabbitNode, birth: Birth, note: (line: string) => void) {
    this.#note = note
    const { user, password } = birth.admin
    this.info = info
    this.host = node.host
    this.port = node.port
    this.management = { url: `http://${node.host}:${node.managementPort}/`, user, password }
    this.died = node.died
    this.#node = node
    this.#api = new Management({ host: node.host, port: node.managementPort, user, password })
    this.#log = new ConnectionLog(`amqp://${user}:${password}@${node.host}:${node.port}/%2F`)
    this.#pool = new VhostPool(() => this.#make('plain'), POOL_SIZE, birth.vhosts)
  }

  async listen(): Promise<void> {
    await this.#log.attach()
    void this.#pool.fill()
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
    if (login === undefined) return Promise.resolve()
    this.#removing = this.#removing
      .then(() => this.#whileUp(() => this.#api.removeVhost(login)))
      .catch((error: unknown) => this.#note(`deleting ${name}: ${error}`))
    return this.#removing
  }

  async connections(vhost: string): Promise<ConnectionSeen[]> {
    const { user } = this.#login(vhost)
    const told = await this.#log.openIn(vhost, user)
    // What a crash kept from being told as closed, the broker's register knows; it may lag for a moment, though.
    const registered = new Set((await this.#api.connectionsOf(user)).map(({ name }) => name))
    const isNew = ({ heardAt }: { heardAt: number }) => performance.now() - heardAt < REGISTER_LAG_MS
    return told
      .filter((each) => registered.has(each.id) || isNew(each))
      .map(({ id, name, user }) => ({ id, name, user }))
  }

  async closeConnection(vhost: string, id: string): Promise<void> {
    const { user } = this.#login(vhost)
    const told = await this.#log.openIn(vhost, user)
    const closing = told.find((each) => each.id === id)
    if (closing === undefined) throw messages.connectionGone(id)
    const registered = await this.#api.connectionsOf(user)
    if (registered.length === 1 && registered[0]?.name === id && told.length === 1) {
      if (await this.#api.closeConnectionsOf(user, CLOSE_REASON)) return
    }
    // One of several: by name, the management API knows a connection only after seconds.
    const { output, exitCode } = await this.#node.ctl(['close_connection', closing.pid, CLOSE_REASON])
    if (exitCode !== 0) throw messages.ctlFailed('close_connection', output)
  }

  #login(vhost: string): VhostLogin {
    const login = this.#open.get(vhost)
    if (login === undefined) throw messages.vhostClosed(vhost)
    return login
  }

  async restart(): Promise<void> {
    const restarted = this.#restart()
    this.#up = restarted.catch(() => {})
    await restarted
  }

  async #restart(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    this.#log.detach()
    // The broker's web server would wait for an open connection for five seconds.
    this.#api.hangUp()
    const { output, exitCode } = await this.#node.evaluate(RESTART_EXPRESSION)
    if (exitCode !== 0) throw messages.ctlFailed('the restart', output)
    await readyWithin(this.#node, RESTART_LIMIT_MS, undefined, messages.restartTookTooLong)
    await this.#log.attach()
  }

  async stop(): Promise<void> {
    this.#log.detach()
    this.#api.hangUp()
    await this.#node.stop()
  }

  async #make(spelling: 'plain' | 'odd'): Promise<VhostLogin> {
    const login = newLogin(spelling)
    await this.#whileUp(() => this.#api.addVhost(login))
    return login
  }

  /** A change that a restart must not cut in two. */
  async #whileUp(change: () => Promise<void>): Promise<void> {
    await this.#up
    const changing = change()
    this.#underWay.add(changing)
    await changing.finally(() => this.#underWay.delete(changing))
  }
}

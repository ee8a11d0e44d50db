import { isIP } from 'node:net'
import type { Table } from '../amqp/table.ts'
import { Broker } from './broker.ts'
import { PRODUCT, VERSION } from './connection/capabilities.ts'
import { Connection } from './connection/connection.ts'
import { Listener } from './listener.ts'
import type { Queue } from './queue/queue.ts'

/**
 * An AMQP 0-9-1 broker inside this process, in memory, for one machine: it does what RabbitMQ 4.3 was seen to do.
 *
 *   Listener ── a socket ──▶ Connection ── frames ──▶ ChannelReceiver ──────▶ dispatch
 *                              │  ▲                    │  ▲                     │
 *      Handshake, FrameReader ─┘  │                    │  │       publish, consume, *-methods
 *      Heartbeat, Output ─────────┘  ContentReader ────┘  │                     │
 *           ▲               Channel: Confirms, Unacknowledged                   │
 *           │                                             │                     ▼
 *           │ basic.deliver                               │     Broker ── Users, Memory, ReplyConsumers
 *           │                                             │        │
 *           │                                       QueueConsumer  ▼
 *           │                                             ▲      Vhost ── DeadLetters
 *           │                                             │        │          ▲ what died
 *           └─────────────────────────────────────────────┤        ▼          │
 *                                                         └───── Queue ───────┘
 *                                              Consumers, Ready, Alarm ▲
 *                                                                      │ route
 *                                                       Exchange: Direct, Fanout, Topic, Headers
 */
export interface EmbeddedOptions {
  /** Only loopback addresses are accepted; 'localhost' is that of IPv4 and, where there is one, of IPv6. Default: 127.0.0.1. */
  host?: string
  /** Default: any free one. */
  port?: number
  /** Without a login nobody can connect. Default: none. */
  users?: { name: string; password: string; vhosts: string[] }[]
  /** Default: none. */
  vhosts?: string[]
  /** How long a client has to open its connection, in milliseconds. Default: 10,000, as in RabbitMQ. */
  handshakeLimitMs?: number
}

/** What a queue looks like from outside. */
export interface QueueView {
  name: string
  durable: boolean
  ready: number
  unacknowledged: number
  consumers: number
  arguments: Table
}

export interface EmbeddedBroker extends AsyncDisposable {
  readonly product: string
  readonly version: string
  readonly host: string
  readonly port: number
  /** With the standard exchanges. */
  addVhost(name: string): void
  /** Closes its connections with 320, and forgets all that is in it. */
  removeVhost(name: string): void
  addUser(name: string, password: string, vhosts: string[]): void
  removeUser(name: string): void
  connections(vhost: string): { id: string; name: string | undefined; user: string }[]
  /** connection.close with 320, "CONNECTION_FORCED - <reason>"; false when there is none of that id. */
  closeConnection(id: string, reason: string): boolean
  queues(vhost: string): QueueView[]
  /**
   * As a restart of RabbitMQ: connections end with 320, the port refuses for a moment, and what is not durable is
   * gone. Port, users and virtual hosts stay.
   */
  restart(): Promise<void>
  /** Closes the server and every socket; nothing is left. */
  stop(): Promise<void>
}

/** How long clients have to answer connection.close before a restart takes their sockets away. */
const FAREWELL_MS = 500
const SHUTDOWN = "broker forced connection closure with reason 'shutdown'"

/** @throws when the port is taken, or the host is not this machine's own */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedBroker> {
  const { host = '127.0.0.1', port = 0, users = [], vhosts = [], handshakeLimitMs } = options
  assertLoopback(host)
  const broker = new Broker({ handshakeLimitMs })
  for (const vhost of vhosts) broker.addVhost(vhost)
  for (const user of users) broker.users.add(user.name, user.password, user.vhosts)
  const hosts: [string, ...string[]] = host === 'localhost' ? ['127.0.0.1', '::1'] : [host]
  const listener = new Listener(hosts, port, (socket) => void broker.connections.add(new Connection(broker, socket)))
  await listener.open()

  async function shutDown(): Promise<void> {
    const closed = listener.close()
    for (const connection of [...broker.connections]) connection.force(SHUTDOWN)
    const late = setTimeout(() => listener.destroySockets(), FAREWELL_MS)
    await closed
    clearTimeout(late)
  }

  async function restart(): Promise<void> {
    await shutDown()
    for (const vhost of broker.vhosts.values()) vhost.forgetTransient()
    await listener.open()
  }

  async function stop(): Promise<void> {
    await shutDown()
    for (const vhost of [...broker.vhosts.keys()]) broker.removeVhost(vhost)
  }

  /** A restart and a stop that are wanted at once come one after the other. */
  let last: Promise<void> = Promise.resolve()
  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  return {
    product: PRODUCT,
    version: VERSION,
    host,
    port: listener.port,
    addVhost: (name) => broker.addVhost(name),
    removeVhost: (name) => broker.removeVhost(name),
    addUser: (name, password, vhostNames) => broker.users.add(name, password, vhostNames),
    removeUser: (name) => broker.users.remove(name),
    connections: (vhost) => broker.connectionsTo(vhost).map(({ id, name, user }) => ({ id, name, user: user.name })),
    closeConnection(id, reason) {
      const connection = [...broker.connections].find((each) => each.isOpen && each.id === id)
      connection?.force(reason)
      return connection !== undefined
    },
    queues: (vhost) => [...(broker.vhosts.get(vhost)?.queues.values() ?? [])].map(viewOf),
    restart: () => inTurn(restart),
    stop: () => inTurn(stop),
    [Symbol.asyncDispose]: () => inTurn(stop),
  }
}

function viewOf(queue: Queue): QueueView {
  const { name, durable, ready, unacknowledged, consumerCount, arguments: args } = queue
  return { name, durable, ready, unacknowledged, consumers: consumerCount, arguments: args }
}

/** There is no TLS, and nobody else is to come in. */
function assertLoopback(host: string): void {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
  if (!isLoopback) throw new RangeError(`the embedded broker listens on loopback addresses only, not on ${host}`)
}

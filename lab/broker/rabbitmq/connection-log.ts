import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'

const QUEUE = 'lab.connections'
const EXCHANGE = 'amq.rabbitmq.event'
const AUTHENTICATED = 'user.authentication.success'
const BARRIER_LIMIT_MS = 3000
/** So long a connection may take from its authentication until it is told of. Most take 50 ms, and those that are refused forever. */
const COMING_LIMIT_MS = 1000

/** A client connection that the broker has told of. */
export interface LoggedConnection {
  /** The broker's name for it: '127.0.0.1:50000 -> 127.0.0.1:5672'. */
  id: string
  /** The client property connection_name. */
  name: string | undefined
  vhost: string
  user: string
  /** The Erlang process, by which rabbitmqctl knows it. */
  pid: string
  /** When this log heard of it, by performance.now(). */
  heardAt: number
}

/**
 * Which connections are open, heard from the broker's event exchange: it tells within a millisecond and with the
 * client's own name for the connection, whereas the management API's list is up to five seconds behind.
 *
 * The queue is durable and read with acknowledgements, so that nothing is missed when this log's own connection is
 * lost, nor between a restart and its return.
 */
export class ConnectionLog {
  readonly #url: string
  readonly #open = new Map<string, LoggedConnection>()
  /** The users of those that have been authenticated, and were not told of as open or closed yet, by the broker's name. */
  readonly #coming = new Map<string, { user: string; isOver: () => void; over: Promise<void> }>()
  readonly #barriers = new Map<string, () => void>()
  #barrierCount = 0
  #connection: ChannelModel | undefined
  #closing = false

  /** @param url AMQP URL of the virtual host '/', as an administrator */
  constructor(url: string) {
    this.#url = url
  }

  /** Loads the client ahead, while the broker boots. */
  static async prepare(): Promise<void> {
    await import('amqplib')
  }

  async attach(): Promise<void> {
    this.#closing = false
    const connection = await this.#connect('lab-keeper')
    this.#connection = connection
    connection.on('close', () => {
      // A restart closes it, and so does a machine that slept: only the second comes unannounced.
      if (!this.#closing) void this.attach().catch(() => {})
    })
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.assertQueue(QUEUE, { durable: true })
    for (const key of [AUTHENTICATED, 'connection.*']) await channel.bindQueue(QUEUE, EXCHANGE, key)
    await channel.consume(QUEUE, (message) => this.#hear(channel, message))
  }

  /** To be called before a restart: all connections end, and attach() is called after it. */
  detach(): void {
    this.#closing = true
    this.#connection?.close().catch(() => {})
    this.#open.clear()
    this.#coming.clear()
  }

  /**
   * Those of a user in a virtual host that are open; all that were open at the time of the call are among them. The
   * broker tells in order: when it has told of a connection made for this purpose, it has told of what was before it.
   *
   * But a client hears connection.open-ok before the broker tells of its connection, and on a busy machine others may
   * come in between. That it was authenticated has been told by then: so it is known that it is still to come.
   */
  async openIn(vhost: string, user: string): Promise<LoggedConnection[]> {
    const name = `lab-barrier-${++this.#barrierCount}`
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, BARRIER_LIMIT_MS)
    this.#barriers.set(name, resolve)
    const connection = await this.#connect(name)
    await promise
    clearTimeout(timer)
    this.#barriers.delete(name)
    connection.close().catch(() => {})
    await this.#untilTold(user)
    return [...this.#open.values()].filter((each) => each.vhost === vhost)
  }

  /** Waits for those that are on their way, but not for one that never comes. */
  async #untilTold(user: string): Promise<void> {
    const coming = [...this.#coming].filter(([, each]) => each.user === user)
    if (coming.length === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, COMING_LIMIT_MS)
    await Promise.race([promise, Promise.all(coming.map(([, { over }]) => over))])
    clearTimeout(timer)
    for (const [id] of coming) this.#coming.delete(id)
  }

  async #connect(name: string): Promise<ChannelModel> {
    const { connect } = await import('amqplib')
    const connection = await connect(this.#url, { noDelay: true, clientProperties: { connection_name: name } })
    // Its loss is no news here: the broker restarts or is gone, and the keeper knows.
    connection.on('error', () => {})
    return connection
  }

  #hear(channel: Channel, message: ConsumeMessage | null): void {
    if (message === null) return
    channel.ack(message)
    const { name: id, user_provided_name: given, vhost, user, pid, connection_name } = message.properties.headers ?? {}
    if (typeof id !== 'string') return
    if (message.fields.routingKey === AUTHENTICATED) {
      // Here 'name' is the user's.
      const { promise: over, resolve: isOver } = Promise.withResolvers<void>()
      if (typeof connection_name === 'string') this.#coming.set(connection_name, { user: id, isOver, over })
      return
    }
    this.#coming.get(id)?.isOver()
    this.#coming.delete(id)
    if (message.fields.routingKey === 'connection.closed') this.#open.delete(id)
    if (message.fields.routingKey !== 'connection.created') return
    if (typeof vhost !== 'string' || typeof user !== 'string' || typeof pid !== 'string') return
    const name = typeof given === 'string' && given !== '' ? given : undefined
    this.#open.set(id, { id, name, vhost, user, pid, heardAt: performance.now() })
    this.#barriers.get(name ?? '')?.()
  }
}

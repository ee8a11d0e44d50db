import type { ChannelModel } from 'amqplib'

const QUEUE = 'lab.connections'
const EXCHANGE = 'amq.rabbitmq.event'

/**
 * The names that clients give their connections (the client property connection_name), heard from the broker's
 * event exchange: it tells within a millisecond, whereas the management API's list is up to five seconds behind.
 *
 * The queue is durable, so that what happens between a restart and the return of this listener is not missed.
 */
export class ConnectionNames {
  readonly #url: string
  readonly #names = new Map<string, string | undefined>()
  readonly #awaited = new Map<string, () => void>()
  #connection: ChannelModel | undefined

  /** @param url AMQP URL of the virtual host '/', as an administrator */
  constructor(url: string) {
    this.#url = url
  }

  /** Listens; again after a restart. */
  async attach(): Promise<void> {
    const { connect } = await import('amqplib')
    this.#names.clear()
    const connection = await connect(this.#url, { noDelay: true, clientProperties: { connection_name: 'lab-keeper' } })
    this.#connection = connection
    // Its loss is no news: the broker is restarted or gone, and the keeper knows.
    connection.on('error', () => {})
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.assertQueue(QUEUE, { durable: true })
    await channel.bindQueue(QUEUE, EXCHANGE, 'connection.*')
    await channel.consume(
      QUEUE,
      (message) => {
        if (message === null) return
        const { name, user_provided_name: given } = message.properties.headers ?? {}
        if (typeof name !== 'string') return
        if (message.fields.routingKey === 'connection.closed') {
          this.#names.delete(name)
        } else if (message.fields.routingKey === 'connection.created') {
          this.#names.set(name, typeof given === 'string' && given !== '' ? given : undefined)
          this.#awaited.get(name)?.()
        }
      },
      { noAck: true },
    )
  }

  /**
   * @param id the broker's name of a connection that is open
   * @param limitMs how long to wait for the broker's word on it
   * @returns undefined for a client that sent no name
   */
  async nameOf(id: string, limitMs = 3000): Promise<string | undefined> {
    if (!this.#names.has(id)) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const previous = this.#awaited.get(id)
      const timer = setTimeout(resolve, limitMs)
      this.#awaited.set(id, () => {
        previous?.()
        resolve()
      })
      await promise
      clearTimeout(timer)
      this.#awaited.delete(id)
    }
    return this.#names.get(id)
  }

  async close(): Promise<void> {
    await this.#connection?.close().catch(() => {})
  }
}

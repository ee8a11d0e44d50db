import type { Channel, ChannelModel, GetMessage, Options } from 'amqplib'
import type { Jitter } from '../jitter.ts'
import type { Recorder } from '../recording/recorder.ts'

/** How much later it may do something, where timings vary. */
const MOST_LATE_MS = 40

/** What the broker holds in a queue. Counted by the broker itself, so it never lags. */
export interface QueueHeld {
  exists: boolean
  messages: number
  consumers: number
  /** It is exclusive to another connection: nobody else may use it, or count what is in it. */
  locked?: boolean
}

/**
 * The lab's own client at the broker, past the wire: it publishes tasks, and asks what is in a queue. Every answer is
 * noted in the recording. It connects when it is first needed, and again after a restart.
 */
export class Observer {
  static readonly connectionName = 'cluster-up-observer'
  readonly #url: () => string
  readonly #recorder: Recorder
  readonly #pause: ((mostMs: number) => Promise<void>) | undefined
  #connection: Promise<ChannelModel> | undefined

  /**
   * @param url asked for anew with each connection, where it is a function
   * @param jitter has what it changes at the broker come a little later
   */
  constructor(url: string | (() => string), recorder: Recorder, jitter?: Jitter) {
    this.#url = typeof url === 'string' ? () => url : url
    this.#recorder = recorder
    this.#pause = jitter?.pauses('changes')
  }

  /** A channel of its own for a few calls; closed afterwards. */
  async #channel<T>(use: (channel: Channel) => Promise<T>): Promise<T> {
    const connection = await this.#open()
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    try {
      return await use(channel)
    } finally {
      await channel.close().catch(() => {})
    }
  }

  async #open(): Promise<ChannelModel> {
    this.#connection ??= this.#connect()
    try {
      return await this.#connection
    } catch (error) {
      this.#connection = undefined
      throw error
    }
  }

  async #connect(): Promise<ChannelModel> {
    // Many scenarios never ask the broker anything: they need not wait for the client to load.
    const { connect } = await import('amqplib')
    const connection = await connect(this.#url(), {
      noDelay: true,
      clientProperties: { connection_name: Observer.connectionName },
    })
    connection.on('error', () => {})
    connection.on('close', () => {
      this.#connection = undefined
    })
    return connection
  }

  /** Declares a queue as the lab needs it, bound to a topic exchange that is there. */
  declare(
    queue: string,
    options: Options.AssertQueue = {},
    bound?: { exchange: string; pattern: string },
  ): Promise<void> {
    return this.#channel(async (channel) => {
      await channel.assertQueue(queue, options)
      if (bound) await channel.bindQueue(queue, bound.exchange, bound.pattern)
    })
  }

  /** Deletes a queue: its consumers are cancelled by the broker. */
  async delete(queue: string): Promise<void> {
    await this.#pause?.(MOST_LATE_MS)
    return this.#channel(async (channel) => {
      await channel.deleteQueue(queue)
      this.#recorder.note({ kind: 'broker', what: 'queue-deleted', data: { queue } })
    })
  }

  /**
   * Publishes tasks, each confirmed by the broker.
   *
   * @param options of amqplib; `headers: null` stands for no headers at all, as most other clients publish: amqplib itself
   * sends a table with every message, if an empty one
   */
  async publish(
    queue: string,
    tasks: string[],
    { headers, ...options }: Omit<Options.Publish, 'headers'> & { headers?: unknown } = { persistent: true },
  ): Promise<void> {
    const connection = await this.#open()
    await this.#pause?.(MOST_LATE_MS)
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    if (headers === null) sendNoHeaders(channel)
    else if (headers !== undefined) Object.assign(options, { headers })
    for (const task of tasks) channel.sendToQueue(queue, Buffer.from(task), options)
    await channel.waitForConfirms()
    await channel.close()
    this.#recorder.note({ kind: 'broker', what: 'published', data: { queue, tasks } })
  }

  /** Publishes an event as another client might: without headers, and with no properties but these. */
  async publishEvent(exchange: string, type: string, body: string, options: Options.Publish = {}): Promise<void> {
    const connection = await this.#open()
    await this.#pause?.(MOST_LATE_MS)
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    sendNoHeaders(channel)
    channel.publish(exchange, type, Buffer.from(body), options)
    await channel.waitForConfirms()
    await channel.close()
    this.#recorder.note({ kind: 'broker', what: 'published-event', data: { exchange, type } })
  }

  /** Asks by a passive declare what is in the queue. */
  async queue(queue: string): Promise<QueueHeld> {
    const held = await this.#channel(async (channel) => {
      const reply = await channel.checkQueue(queue)
      return { exists: true, messages: reply.messageCount, consumers: reply.consumerCount }
    }).catch((error: unknown) => {
      if ((error as { code?: number }).code === 404) return { exists: false, messages: 0, consumers: 0 }
      // 405: the queue is exclusive to another connection. It exists, and nobody else can use it.
      if ((error as { code?: number }).code === 405) return { exists: true, messages: 0, consumers: 0, locked: true }
      throw error
    })
    this.#recorder.note({ kind: 'broker', what: 'queue', data: { queue, ...held } })
    return held
  }

  /** Takes every ready message out of the queue, and notes what they were. */
  async drain(queue: string): Promise<string[]> {
    const tasks = await this.#channel(async (channel) => {
      const taken: { task: string; redelivered: boolean }[] = []
      for (let message = await channel.get(queue); message !== false; message = await channel.get(queue)) {
        taken.push(seen(message))
        channel.ack(message)
      }
      return taken
    })
    this.#recorder.note({ kind: 'broker', what: 'drained', data: { queue, tasks } })
    return tasks.map(({ task }) => task)
  }

  /** Consumes as another worker would, acknowledging at once, until `count` tasks have come; each is noted as 'received'. */
  async receive(queue: string, count: number, limitMs = 5000): Promise<void> {
    await this.#channel(async (channel) => {
      let received = 0
      const consuming = await channel.consume(queue, (message) => {
        if (!message) return
        channel.ack(message)
        received++
        this.#recorder.note({ kind: 'broker', what: 'received', data: { queue, ...seen(message) } })
      })
      try {
        if (received < count) {
          await this.#recorder.waitFor(
            `${count === 1 ? 'a task' : `${count} tasks`} to reach another worker`,
            (event) => event.kind === 'broker' && event.what === 'received' && received >= count,
            { limitMs },
          )
        }
      } finally {
        await channel.cancel(consuming.consumerTag)
      }
    })
  }

  async close(): Promise<void> {
    const opening = this.#connection
    this.#connection = undefined
    const connection = await opening?.catch(() => undefined)
    if (connection === undefined) return
    // One that is lost while it is being closed leaves close() pending for ever, but it emits 'close'.
    const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()))
    await Promise.race([connection.close().catch(() => {}), closed])
  }
}

/** What amqplib has no option for: its channel puts the properties together just before this call. */
function sendNoHeaders(channel: object): void {
  const { sendMessage } = channel as { sendMessage: (fields: object, properties: object, content: Buffer) => boolean }
  Object.assign(channel, {
    sendMessage: (fields: object, properties: object, content: Buffer) =>
      sendMessage.call(channel, fields, { ...properties, headers: undefined }, content),
  })
}

function seen(message: GetMessage | { content: Buffer; fields: { redelivered: boolean } }) {
  return { task: message.content.toString('utf8'), redelivered: message.fields.redelivered }
}

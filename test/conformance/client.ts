import { connect, type Socket } from 'node:net'
import { encodeMethod, HEARTBEAT, PROTOCOL_HEADER } from '../../lab/amqp/frames.ts'
import type { Arguments, MethodName } from '../../lab/amqp/methods.ts'
import { type Frame, FrameParser } from '../../lab/amqp/parser.ts'
import type { Table } from '../../lab/amqp/table.ts'
import { Assembler } from './assembler.ts'
import { Channel, type ChannelClient } from './channel.ts'
import { describe, type Heard } from './heard.ts'
import { Inbox, LIMIT_MS } from './inbox.ts'
import type { Notebook } from './notebook.ts'

export interface Login {
  vhost: string
  user: string
  password: string
  channelMax: number
  frameMax: number
  heartbeat: number
  properties: Table
}

/** What RabbitMQ's own clients can do, and so say. */
export const CAPABILITIES: Table = {
  publisher_confirms: true,
  exchange_exchange_bindings: true,
  'basic.nack': true,
  consumer_cancel_notify: true,
  'connection.blocked': true,
  authentication_failure_close: true,
}

/**
 * A raw AMQP client: it sends what it is told, in whatever order, and notes every frame that comes. All it does by
 * itself is to answer connection.close and channel.close, unless `polite` is false.
 */
export class Client implements ChannelClient {
  readonly name: string
  polite = true
  noting = true
  readonly #socket: Socket
  readonly #notebook: Notebook
  readonly #parser = new FrameParser()
  readonly #assembler = new Assembler()
  readonly #inboxes = new Map<number, Inbox>()
  readonly #channels = new Map<number, Channel>()
  readonly #closed: Promise<void>
  #isOpen = false
  #isClosed = false
  #heartbeatNoted = false
  frameMax = 131_072

  private constructor(name: string, socket: Socket, notebook: Notebook) {
    this.name = name
    this.#socket = socket
    this.#notebook = notebook
    socket.on('data', (chunk) => this.#parser.push(chunk as Buffer, (frame) => this.#hear(frame)))
    socket.on('error', () => {})
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
    void this.#closed.then(() => {
      this.#isClosed = true
      for (const inbox of this.#inboxes.values()) inbox.end('the socket is closed')
    })
  }

  static async dial(name: string, at: { host: string; port: number }, notebook: Notebook): Promise<Client> {
    const socket = connect({ ...at, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new Client(name, socket, notebook)
  }

  /** The handshake, of which only what follows is noted. */
  async open(login: Login): Promise<void> {
    this.noting = false
    this.write(PROTOCOL_HEADER)
    await this.next('connection.start')
    this.authenticate(login)
    await this.next('connection.tune')
    this.tune(login)
    this.send(0, 'connection.open', { virtualHost: login.vhost })
    await this.next('connection.open-ok')
    this.#isOpen = true
    this.noting = true
  }

  authenticate({ user, password, properties }: Login): void {
    const response = `\0${user}\0${password}`
    this.send(0, 'connection.start-ok', { clientProperties: properties, mechanism: 'PLAIN', response, locale: 'en_US' })
  }

  tune({ channelMax, frameMax, heartbeat }: Login): void {
    this.frameMax = frameMax
    this.send(0, 'connection.tune-ok', { channelMax, frameMax, heartbeat })
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  heartbeat(): void {
    this.write(HEARTBEAT)
  }

  send<N extends MethodName>(channel: number, name: N, args: Partial<Arguments<N>> = {}): void {
    this.write(encodeMethod(channel, name, args))
  }

  /** Waits for a frame on channel 0, or another one. */
  next(name: Heard['name'], channel = 0): Promise<Heard> {
    return this.inbox(channel).take(name, (heard) => heard.name === name)
  }

  /** A channel, which is opened; the answer to that is not noted. */
  async channel(number = this.#channels.size + 1): Promise<Channel> {
    const channel = this.bare(number)
    channel.noting = false
    channel.send('channel.open')
    await channel.next('channel.open-ok')
    channel.noting = true
    return channel
  }

  /** A channel number to send on, without opening it. */
  bare(number: number): Channel {
    const known = this.#channels.get(number)
    if (known !== undefined) return known
    const channel = new Channel(this, number)
    this.#channels.set(number, channel)
    return channel
  }

  /** A proper end, with its answer noted. Closing the socket is then up to the client. */
  async close(): Promise<void> {
    this.send(0, 'connection.close', { replyCode: 200, replyText: 'bye' })
    await this.next('connection.close-ok')
    this.#socket.destroy()
  }

  /** Waits until the server has closed the socket, or has sent this instead: series of RabbitMQ differ in what they refuse. */
  async endedOr(name: Heard['name'], channel = 0): Promise<void> {
    const ended = this.ended()
    await Promise.race([ended, this.next(name, channel).catch(() => ended)])
  }

  /** Waits until the server has closed the socket, and notes it. */
  async ended(): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>()
    const late = () => reject(new Error(`${this.name}: waited ${LIMIT_MS} ms for the server to close the socket`))
    const timer = setTimeout(late, LIMIT_MS)
    await Promise.race([this.#closed, promise]).finally(() => clearTimeout(timer))
    this.#notebook.note(this.name, 'the server closed the socket')
  }

  /** Takes the socket away without a word. */
  drop(): void {
    this.noting = false
    this.#socket.destroy()
  }

  /** Closes properly, and notes nothing of it. */
  async dispose(): Promise<void> {
    this.noting = false
    this.polite = true
    if (this.#isOpen && !this.#socket.destroyed) {
      const closed = this.next('connection.close-ok')
      this.send(0, 'connection.close', { replyCode: 200, replyText: 'bye' })
      await Promise.race([closed.catch(() => {}), this.#closed])
    }
    this.#socket.destroy()
    await this.#closed
  }

  inbox(channel: number): Inbox {
    const known = this.#inboxes.get(channel)
    if (known !== undefined) return known
    const inbox = new Inbox(channel === 0 ? this.name : `${this.name}, channel ${channel}`)
    if (this.#isClosed) inbox.end('the socket is closed')
    this.#inboxes.set(channel, inbox)
    return inbox
  }

  #hear(frame: Frame): void {
    const heard = this.#assembler.add(frame)
    if (heard?.name === 'heartbeat') this.#hearHeartbeat(heard)
    else if (heard !== undefined) this.#add(frame.channel, heard)
  }

  /** How many come depends on the time a scenario takes: that there are any is noted. */
  #hearHeartbeat(heard: Heard): void {
    if (this.#heartbeatNoted) this.inbox(0).add(heard)
    else this.#add(0, heard)
    this.#heartbeatNoted = true
  }

  #add(number: number, heard: Heard): void {
    const channel = this.#channels.get(number)
    for (const each of channel?.settled(heard) ?? [heard]) {
      if (this.noting && channel?.noting !== false) {
        const heading = number === 0 ? this.name : `${this.name}, channel ${number}`
        this.#notebook.note(heading, describe(each))
      }
      this.inbox(number).add(each)
    }
    if (heard.name === 'connection.close') {
      this.#isOpen = false
      const text = String(heard.args['replyText'])
      for (const [at, inbox] of this.#inboxes) if (at !== 0) inbox.end(`the server closed the connection: ${text}`)
    }
    if (!this.polite) return
    if (heard.name === 'connection.close') this.send(0, 'connection.close-ok')
    if (heard.name === 'channel.close') this.send(number, 'channel.close-ok')
  }
}

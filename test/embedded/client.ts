import { connect, type Socket } from 'node:net'
import { decodeMethod } from '../../lab/amqp/arguments.ts'
import { encodeContent, encodeMethod, PROTOCOL_HEADER } from '../../lab/amqp/frames.ts'
import type { Arguments, DecodedMethod, MethodName } from '../../lab/amqp/methods.ts'
import { type Frame, FrameParser } from '../../lab/amqp/parser.ts'
import type { Properties } from '../../lab/amqp/properties.ts'
import type { Table } from '../../lab/amqp/table.ts'
import { type EmbeddedBroker, type EmbeddedOptions, startEmbedded } from '../../lab/embedded/embedded.ts'

const LIMIT_MS = 20_000

/** A broker with the virtual host '/' and the user guest. */
export function startBroker(options: EmbeddedOptions = {}): Promise<EmbeddedBroker> {
  return startEmbedded({
    vhosts: ['/'],
    users: [{ name: 'guest', password: 'guest', vhosts: ['/', 'other'] }],
    ...options,
  })
}

export interface Login {
  vhost?: string
  heartbeat?: number
  frameMax?: number
  properties?: Table
}

interface Wait {
  what: string
  fits: (frame: Frame) => boolean
  resolve: (frame: Frame) => void
  reject: (error: Error) => void
}

/** A client that sends what it is told, right or wrong, and says nothing by itself. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket
  readonly frames: Frame[] = []
  readonly closed: Promise<void>
  /** Whether a channel that the server closes is opened again. */
  reopens = false
  readonly #parser = new FrameParser()
  readonly #waits: Wait[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#parser.push(chunk as Buffer, (frame) => this.#hear(frame)))
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(this.#giveUp())))
  }

  /** A socket on which nothing was said. */
  static async dial({ host, port }: { host: string; port: number }): Promise<RawClient> {
    const socket = connect({ host, port, noDelay: true })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new RawClient(socket)
  }

  /** A connection with channel 1 open. */
  static async open(at: { host: string; port: number }, login: Login = {}): Promise<RawClient> {
    const client = await RawClient.dial(at)
    client.socket.write(PROTOCOL_HEADER)
    await client.next('connection.start')
    client.send(0, 'connection.start-ok', {
      clientProperties: login.properties ?? {},
      mechanism: 'PLAIN',
      response: '\0guest\0guest',
      locale: 'en_US',
    })
    await client.next('connection.tune')
    const { frameMax = 131_072, heartbeat = 0 } = login
    client.send(0, 'connection.tune-ok', { channelMax: 2047, frameMax, heartbeat })
    client.send(0, 'connection.open', { virtualHost: login.vhost ?? '/' })
    await client.next('connection.open-ok')
    client.send(1, 'channel.open')
    await client.next('channel.open-ok')
    return client
  }

  send<N extends MethodName>(channel: number, name: N, args: Partial<Arguments<N>> = {}): void {
    this.socket.write(encodeMethod(channel, name, args))
  }

  publish(routingKey: string, body: string | Buffer, properties: Properties = {}, exchange = ''): void {
    const method = encodeMethod(1, 'basic.publish', { exchange, routingKey })
    this.socket.write(Buffer.concat([method, encodeContent(1, properties, Buffer.from(body), 131_072)]))
  }

  /** Sends on channel 1 and waits for the answer. */
  async call<N extends MethodName>(name: N, args: Partial<Arguments<N>> = {}): Promise<Record<string, unknown>> {
    const answer = this.next(`${name}-ok` as MethodName)
    this.send(1, name, args)
    return answer
  }

  /** The body of the next message of a queue, undefined when there is none. */
  async get(queue: string, noAck = true): Promise<{ body: string; redelivered: boolean } | undefined> {
    const answer = this.#frame('an answer to basic.get', (frame) =>
      ['basic.get-ok', 'basic.get-empty'].includes(nameOf(frame) ?? ''),
    )
    this.send(1, 'basic.get', { queue, noAck })
    const { name, args } = decodeMethod((await answer).payload)
    if (name !== 'basic.get-ok') return undefined
    // The rest of the message came with it, or comes before the answer to the next question.
    await this.call('basic.qos')
    const at = this.frames.findLastIndex((frame) => nameOf(frame) === 'basic.get-ok')
    const bodies = this.frames.slice(at).filter(({ kind }) => kind === 'body')
    return { body: Buffer.concat(bodies.map(({ payload }) => payload)).toString(), redelivered: args.redelivered }
  }

  /** The arguments of the next method of that name that comes. */
  async next(name: MethodName): Promise<Record<string, unknown>> {
    const { payload } = await this.#frame(name, (frame) => nameOf(frame) === name)
    return decodeMethod(payload).args as unknown as Record<string, unknown>
  }

  /** What has come so far, by name. */
  heard(name: MethodName): DecodedMethod[] {
    return this.frames.filter((frame) => nameOf(frame) === name).map(({ payload }) => decodeMethod(payload))
  }

  /** Resolves once the server has closed the socket. */
  async end(): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>()
    const late = setTimeout(() => reject(new Error(`the server kept the socket for ${LIMIT_MS} ms`)), LIMIT_MS)
    await Promise.race([this.closed, promise]).finally(() => clearTimeout(late))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    await this.closed
  }

  async #frame(what: string, fits: (frame: Frame) => boolean): Promise<Frame> {
    if (this.socket.closed) throw this.#missing(what, 'the socket is closed')
    const { promise, resolve, reject } = Promise.withResolvers<Frame>()
    this.#waits.push({ what, fits, resolve, reject })
    const late = setTimeout(() => reject(this.#missing(what, `it did not come in ${LIMIT_MS} ms`)), LIMIT_MS)
    return promise.finally(() => clearTimeout(late))
  }

  #giveUp(): void {
    for (const { what, reject } of this.#waits.splice(0)) reject(this.#missing(what, 'the socket is closed'))
  }

  #missing(what: string, why: string): Error {
    const last = this.frames.map((frame) => nameOf(frame) ?? frame.kind).slice(-5)
    return new Error(`waited for ${what}, but ${why}; last came ${last}`)
  }

  #hear(frame: Frame): void {
    this.frames.push(frame)
    if (this.reopens && nameOf(frame) === 'channel.close') {
      this.send(frame.channel, 'channel.close-ok')
      this.send(frame.channel, 'channel.open')
    }
    const at = this.#waits.findIndex(({ fits }) => fits(frame))
    if (at !== -1) this.#waits.splice(at, 1)[0]?.resolve(frame)
  }
}

function nameOf(frame: Frame): MethodName | undefined {
  return frame.kind === 'method' ? decodeMethod(frame.payload).name : undefined
}

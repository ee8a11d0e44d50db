import type { Socket } from 'node:net'
import { PROTOCOL_HEADER, writeMethod } from '../../amqp/frames.ts'
import type { Arguments, MethodName } from '../../amqp/methods.ts'
import type { Table } from '../../amqp/table.ts'
import type { Broker, ClientConnection } from '../broker.ts'
import type { Transport } from '../channel/transport.ts'
import { frame } from '../erlang.ts'
import * as errors from '../errors.ts'
import type { User } from '../users.ts'
import type { Vhost } from '../vhost.ts'
import { can } from './capabilities.ts'
import { Channels } from './channels.ts'
import { FrameReader } from './frame-reader.ts'
import { FRAME_MIN, Handshake, type Negotiated } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { MemoryLimit } from './memory-limit.ts'
import { readMethod } from './method.ts'
import { Output } from './output.ts'

/** How long a client may take to answer connection.close (no longer than a heartbeat interval), and to close its socket. */
const CLOSING_LIMIT_MS = 10_000
const METHOD = 1
const HEARTBEAT = 8
const CONNECTION_OPEN: [number, number] = [10, 40]

/**
 * handshake: not open yet. closing: connection.close was sent, and only its answer counts. ended: nothing counts any
 * more, and the socket is about to close.
 */
type State = 'header' | 'handshake' | 'open' | 'closing' | 'ended'

/** A client's connection: its socket, its channels, and what is said on channel 0. */
export class Connection implements ClientConnection, Transport {
  /** As RabbitMQ names it: the client's address and ours. */
  readonly id: string
  readonly broker: Broker
  readonly output: Output
  readonly memoryLimit: MemoryLimit
  readonly #socket: Socket
  readonly #reader = new FrameReader(FRAME_MIN)
  readonly #handshake: Handshake
  readonly #channels = new Channels(this)
  #state: State = 'header'
  #limit: NodeJS.Timeout | undefined
  #heartbeat: Heartbeat | undefined
  #negotiated: Negotiated | undefined
  #vhost: Vhost | undefined
  #isReading = false

  constructor(broker: Broker, socket: Socket) {
    this.broker = broker
    this.#socket = socket
    this.id = `${socket.remoteAddress}:${socket.remotePort} -> ${socket.localAddress}:${socket.localPort}`
    this.output = new Output(socket)
    this.#handshake = new Handshake(broker.users, (name) => broker.vhosts.has(name), this.send)
    this.memoryLimit = new MemoryLimit(broker.memory, {
      blocked: () => this.#sayIfItCan('connection.blocked', { reason: 'low on memory' }),
      unblocked: () => this.#sayIfItCan('connection.unblocked', {}),
      goOn: () => this.#read(),
    })
    this.#limitTo(broker.handshakeLimitMs)
    socket.on('data', (chunk) => this.#received(chunk as Buffer))
    socket.on('drain', () => this.#drained())
    socket.on('error', () => this.#gone())
    socket.on('end', () => this.#gone())
    socket.on('close', () => this.#gone())
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get vhostName(): string | undefined {
    return this.#vhost?.name
  }

  /** What the client calls itself. */
  get name(): string | undefined {
    const name = this.#negotiated?.properties['connection_name']
    return typeof name === 'string' ? name : undefined
  }

  get vhost(): Vhost {
    return this.#vhost as Vhost
  }

  get user(): User {
    return (this.#negotiated as Negotiated).user
  }

  get frameMax(): number {
    return (this.#negotiated as Negotiated).frameMax
  }

  get channelMax(): number {
    return (this.#negotiated as Negotiated).channelMax
  }

  get properties(): Table {
    return this.#negotiated?.properties ?? {}
  }

  readonly send = <N extends MethodName>(channel: number, name: N, args: Partial<Arguments<N>> = {}): void => {
    writeMethod(this.output.writer, channel, name, args)
    this.output.wrote()
  }

  /** An operator ends it. */
  force(reason: string): void {
    if (this.#state === 'open') this.#fail(errors.forced(reason))
    else this.destroy()
  }

  /** Without a word. */
  destroy(): void {
    this.#end()
    this.#socket.destroy()
  }

  channelEnded(channel: number): void {
    this.#channels.remove(channel)
  }

  #sayIfItCan<N extends 'connection.blocked' | 'connection.unblocked'>(name: N, args: Partial<Arguments<N>>): void {
    if (this.#state === 'open' && can(this.properties, 'connection.blocked')) this.send(0, name, args)
  }

  #received(chunk: Buffer): void {
    if (this.#state === 'ended') return
    this.#reader.push(chunk)
    this.#read()
  }

  /** Reads on as long as the client reads as well, and there is room for what it publishes. */
  #read(): void {
    if (this.#isReading || this.#state === 'ended') return
    this.#isReading = true
    try {
      if (this.#state === 'header') this.#readHeader()
      while (this.#takesFrames && !this.#mustWait && this.#reader.next()) this.#take()
    } catch (error) {
      this.#streamBroken(error)
    }
    this.#isReading = false
    if (this.#mustWait) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  get #takesFrames(): boolean {
    return this.#state !== 'header' && this.#state !== 'ended'
  }

  get #mustWait(): boolean {
    return this.output.isCongested || (this.memoryLimit.isBlocked && this.#state === 'open')
  }

  #readHeader(): void {
    const header = this.#reader.take(PROTOCOL_HEADER.length)
    if (header === undefined) return
    try {
      this.#handshake.start(header)
      this.#state = 'handshake'
    } catch {
      this.output.writer.raw(PROTOCOL_HEADER)
      this.#hangUp()
    }
  }

  #take(): void {
    const { type, channel, payload } = this.#reader
    try {
      if (this.#state === 'handshake') this.#shakeHands(type, channel, payload)
      else if (this.#state === 'closing') this.#takeWhileClosing(type, channel, payload)
      else if (type < METHOD || (type > 3 && type !== HEARTBEAT)) {
        throw errors.frameError(frame(type, payload), 'unknown_frame')
      } else if (channel === 0) this.#takeOnZero(type, payload)
      else if (type === HEARTBEAT) throw errors.unexpectedFrame(frame(type, payload))
      else this.#channels.receive(type, channel, payload)
    } catch (error) {
      this.#failed(error, type, payload)
    }
  }

  #shakeHands(type: number, channel: number, payload: Buffer): void {
    const done = this.#handshake.receive(type, channel, payload)
    this.#startHeartbeat()
    if (done === undefined) return
    clearTimeout(this.#limit)
    this.#negotiated = done
    this.#vhost = this.broker.vhosts.get(done.vhost)
    this.#reader.frameMax = done.frameMax
    this.#state = 'open'
    this.send(0, 'connection.open-ok')
  }

  /** Once its interval is known: before the virtual host is opened. */
  #startHeartbeat(): void {
    const { heartbeatSeconds } = this.#handshake
    if (heartbeatSeconds === undefined || this.#heartbeat !== undefined) return
    this.#heartbeat = new Heartbeat(heartbeatSeconds, this.#socket, this.output, () => {
      // A client that is closing has a limit of its own.
      if (this.#state !== 'closing') this.destroy()
    })
  }

  #takeOnZero(type: number, payload: Buffer): void {
    if (type === HEARTBEAT) return
    if (type !== METHOD) throw errors.unexpectedFrame(frame(type, payload))
    const { name } = readMethod(payload)
    if (name === 'connection.close') this.#closedByClient()
    else if (name === 'connection.update-secret') this.send(0, 'connection.update-secret-ok')
    else throw errors.unexpectedMethod()
  }

  #takeWhileClosing(type: number, channel: number, payload: Buffer): void {
    if (type !== METHOD || channel !== 0) return
    const { name } = readMethod(payload)
    if (name === 'connection.close-ok') this.#hangUp()
    else if (name === 'connection.close') this.send(0, 'connection.close-ok')
  }

  #closedByClient(): void {
    this.#endChannels()
    this.send(0, 'connection.close-ok')
    this.#hangUp()
  }

  #failed(error: unknown, type: number, payload: Buffer): void {
    if (this.#state === 'open') {
      if (error instanceof errors.ConnectionError) {
        const named = error.namesMethod && type === METHOD && payload.length >= 4
        this.#fail(error, named ? [payload.readUInt16BE(0), payload.readUInt16BE(2)] : undefined)
      } else if (error instanceof errors.WordlessError) this.destroy()
      else this.#crashed(error)
    } else if (this.#state === 'handshake' && error instanceof errors.ConnectionError) {
      this.#fail(error, error.namesMethod ? CONNECTION_OPEN : undefined)
    } else this.#hangUp()
  }

  /** A defect of the broker's own must not take the others down with it. */
  #crashed(error: unknown): void {
    process.emitWarning(error instanceof Error ? error : String(error), { code: 'EMBEDDED_BROKER' })
    this.#fail(errors.internalError())
  }

  /** Content frames that were at fault belong to the method before them. */
  failMethod(error: errors.ConnectionError, classId: number, methodId: number): void {
    this.#fail(error, error.namesMethod ? [classId, methodId] : undefined)
  }

  /** Nothing tells where the next frame would begin. */
  #streamBroken(error: unknown): void {
    if (this.#state === 'open' && error instanceof errors.ConnectionError) this.#fail(error)
    if (this.#state !== 'ended') this.#hangUp()
  }

  #fail(error: errors.ConnectionError, [classId, methodId]: [number, number] | [] = []): void {
    this.#endChannels()
    const { code, message } = error
    this.send(0, 'connection.close', {
      replyCode: code,
      replyText: message,
      classId: classId ?? 0,
      methodId: methodId ?? 0,
    })
    this.#state = 'closing'
    const intervalMs = (this.#handshake.heartbeatSeconds || Number.POSITIVE_INFINITY) * 1000
    this.#limitTo(Math.min(intervalMs, CLOSING_LIMIT_MS))
  }

  /** The last has been said: what still comes is thrown away until the client closes, too. */
  #hangUp(): void {
    this.output.end()
    this.#end()
    this.#limitTo(CLOSING_LIMIT_MS)
    this.#socket.resume()
  }

  #limitTo(ms: number): void {
    clearTimeout(this.#limit)
    this.#limit = setTimeout(() => this.destroy(), ms).unref()
  }

  #drained(): void {
    if (this.#state === 'ended') return
    this.#channels.resume()
    this.#read()
  }

  #gone(): void {
    clearTimeout(this.#limit)
    this.#end()
    this.#socket.destroy()
  }

  #end(): void {
    if (this.#state === 'ended') return
    this.#endChannels()
    this.#state = 'ended'
    clearTimeout(this.#limit)
    this.#heartbeat?.stop()
    this.#reader.forget()
    this.broker.connections.delete(this)
  }

  #endChannels(): void {
    this.#channels.end()
    this.#vhost?.disown(this)
  }
}

import type { Jitter } from '../jitter.ts'
import type { Listening, Peer, Ports } from '../ports.ts'
import type { Recorder, WaitOptions } from '../recording/recorder.ts'
import type { FrameEvent, Side, TcpEvent } from '../recording/recording.ts'
import type { Fault, FaultyLink, FaultyWire, SwitchedOn } from './fault.ts'
import { Link, type Target } from './link.ts'
import { type FieldsMatch, type FrameName, fieldsMatch, frameInWords, sendersOf } from './match.ts'
import { LOOPBACK } from './port.ts'

export interface WireOptions {
  recorder: Recorder
  /** The broker. */
  target: Target
  /** Where it listens; by default on this machine. */
  ports?: Ports
  /** For a scenario with several wires: noted with each connection that it accepts. */
  name?: string
  /** Has bytes come a little later, and faults. */
  jitter?: Jitter | undefined
}

export interface SeesOptions extends WaitOptions {
  /** Default: whoever may send such a frame. */
  from?: Side
  connection?: number
  channel?: number
}

export interface EndsOptions extends WaitOptions {
  connection?: number
  /** Who ended it. Default: anyone. */
  by?: Side | 'lab'
}

/** How much later a fault may be switched on or off, where timings vary. */
const MOST_LATE_MS = 40
/** How many connections may be open at once; a service needs one. */
const MOST_OPEN = 256

/** Opens a recording proxy in front of a broker. @throws LabError 'no-port' */
export async function openWire(options: WireOptions): Promise<Wire> {
  const wire = new Wire(options)
  await wire.listen()
  return wire
}

/**
 * The recording proxy between student and broker: frames seen, faults made.
 *
 *   student ◀── Lane ──▶ Link ◀── Lane ──▶ broker        one Link a connection, one Lane a direction
 *                         │
 *                         ▼
 *                      recorder
 */
export class Wire implements FaultyWire, AsyncDisposable {
  readonly host: string
  port = 0
  readonly #options: WireOptions
  readonly #links = new Set<Link>()
  /** The numbers of all connections that this wire has accepted, in order. */
  readonly #connections: number[] = []
  readonly #faults = new Set<Fault>()
  #server: Listening | undefined
  readonly #ports: Ports
  readonly #pause: ((mostMs: number) => Promise<void>) | undefined
  #closings = 0
  #disposed = false

  constructor(options: WireOptions) {
    this.#options = options
    this.#ports = options.ports ?? LOOPBACK
    this.host = this.#ports.host
    this.#pause = options.jitter?.pauses('faults')
  }

  /** Only `openWire` calls it. */
  async listen(): Promise<void> {
    const { server, port } = await this.#ports.listen((socket) => this.#accept(socket))
    this.#server = server
    this.port = port
  }

  /** How many connections of the student are open now: those that it has not ended and that nobody has broken off. */
  openConnections(): number {
    return this.links().filter((link) => link.open).length
  }

  /** Switches a fault on; the recording says so, and says when it is switched off. */
  async switchOn<F extends Fault>(fault: F): Promise<SwitchedOn<F>> {
    if (this.#faults.has(fault)) throw new Error(`the fault '${fault.name}' is on already`)
    // Otherwise at once: before another frame comes.
    if (this.#pause) await this.#pause(MOST_LATE_MS)
    this.#noteFault(fault, true, fault.detail)
    this.#faults.add(fault)
    await fault.on?.(this)
    this.#update()
    const off = async () => {
      if (this.#pause) await this.#pause(MOST_LATE_MS)
      if (!this.#faults.delete(fault)) return
      this.#noteFault(fault, false)
      await fault.off?.(this)
      this.#update()
    }
    return { fault, off, [Symbol.asyncDispose]: off }
  }

  /**
   * Resolves with the first frame that matches, be it there already; `count` and `after` in the options ask for others.
   * @throws NeverCame
   */
  async sees(name: FrameName, match?: FieldsMatch, options: SeesOptions = {}): Promise<FrameEvent> {
    const { from, connection, channel, ...wait } = options
    const senders = from === undefined ? sendersOf(name) : [from]
    const where = connection === undefined ? '' : ` on connection ${connection}`
    const event = await this.#options.recorder.waitFor(
      frameInWords(name, senders, match) + where,
      (event) =>
        event.kind === 'frame' &&
        event.method === name &&
        senders.includes(event.from) &&
        (connection === undefined ? this.#connections.includes(event.connection) : event.connection === connection) &&
        (channel === undefined || event.channel === channel) &&
        fieldsMatch(match, event.fields),
      wait,
    )
    return event as FrameEvent
  }

  /** Resolves when the student's `nth` connection to this wire has arrived. @throws NeverCame */
  async accepts(nth = 1, options: Omit<WaitOptions, 'count'> = {}): Promise<TcpEvent> {
    const event = await this.#options.recorder.waitFor(
      `connection ${nth} from your service`,
      (event) =>
        event.kind === 'tcp' && event.what === 'accepted' && event.connection === this.#connections.at(nth - 1),
      options,
    )
    return event as TcpEvent
  }

  /** Resolves when a connection was closed or broken off. @throws NeverCame */
  async ends(options: EndsOptions = {}): Promise<TcpEvent> {
    const { connection, by, ...wait } = options
    const which = connection === undefined ? 'a connection' : `connection ${connection}`
    const who = by === undefined ? '' : by === 'student' ? ' by your service' : ` by the ${by}`
    const event = await this.#options.recorder.waitFor(
      `the end of ${which}${who}`,
      (event) =>
        event.kind === 'tcp' &&
        (event.what === 'ended' || event.what === 'reset') &&
        (connection === undefined ? this.#connections.includes(event.connection) : event.connection === connection) &&
        (by === undefined || event.by === by),
      wait,
    )
    return event as TcpEvent
  }

  links(): FaultyLink[] {
    return [...this.#links]
  }

  async closePort(): Promise<void> {
    this.#closings++
    const server = this.#server
    this.#server = undefined
    // Sockets that were accepted live on.
    server?.close()
    if (server) await this.#ports.untilRefused(this.port)
  }

  async openPort(): Promise<void> {
    if (--this.#closings > 0 || this.#disposed) return
    const server = await this.#ports.listenAgain(this.port, (socket) => this.#accept(socket))
    // Closed again, or put away, while it was being opened.
    if (this.#closings > 0 || this.#disposed) server.close()
    else this.#server = server
  }

  tell(fault: Fault, detail: string): void {
    this.#noteFault(fault, true, detail)
  }

  /** Closes the port and every connection. Nothing is left when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.#server === undefined) resolve()
    else this.#server.close(() => resolve())
    await Promise.all([...this.#links].map((link) => link.discard()))
    await promise
    this.#ports.giveBack(this.port)
  }

  #accept(socket: Peer): void {
    if (this.#disposed) {
      socket.destroy()
      return
    }
    const { recorder, target, name, jitter } = this.#options
    if (this.#links.size >= MOST_OPEN) {
      socket.destroy()
      recorder.flood(`Your service had ${MOST_OPEN} connections open at once`)
      return
    }
    const connection = recorder.nextConnection()
    this.#connections.push(connection)
    const link = new Link(connection, socket, { recorder, target, faults: this.#faults, jitter })
    this.#links.add(link)
    link.gone.then(() => this.#links.delete(link))
    recorder.note({ kind: 'tcp', connection, what: 'accepted', ...at(socket), ...(name && { detail: name }) })
    for (const fault of this.#faults) fault.accepted?.(link)
    link.connect()
    link.update()
  }

  #update(): void {
    for (const link of this.#links) link.update()
  }

  #noteFault({ name }: Fault, on: boolean, detail?: string): void {
    this.#options.recorder.note({ kind: 'fault', name, on, ...(detail && { detail }) })
  }
}

/** The port of the other end; none where it has gone already. */
function at({ remotePort }: Peer): { port?: number } {
  return remotePort === undefined ? {} : { port: remotePort }
}

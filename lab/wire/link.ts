import { connect } from 'node:net'
import type { Jitter } from '../jitter.ts'
import type { Peer } from '../ports.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { Side, TcpEvent } from '../recording/recording.ts'
import type { Fate, Fault, FaultyLink } from './fault.ts'
import { Lane, type LaneOwner } from './lane.ts'
import type { ReadFrame } from './read.ts'

export interface Target {
  host: string
  port: number
}

/** What a connection needs of its wire. */
export interface LinkContext {
  recorder: Recorder
  target: Target
  /** The faults that are on. */
  faults: ReadonlySet<Fault>
  jitter?: Jitter | undefined
}

/**
 * A connection of the student, and the one to the broker behind it: two sockets, two lanes. What happens to one
 * socket happens to the other: a FIN becomes a FIN, an RST an RST.
 */
export class Link implements FaultyLink, LaneOwner {
  readonly connection: number
  readonly jitter: Jitter | undefined
  /** Resolves when both sockets are gone. */
  readonly gone: Promise<void>
  readonly #context: LinkContext
  readonly #student: Peer
  readonly #lanes: Record<Side, Lane | undefined>
  #broker: Peer | undefined
  #open = true
  /** Broken off, by whomever: what the sockets still tell is no news. */
  #over = false
  #silencedBy: Fault | undefined
  /** Whose reset the other side has not heard of yet: a fault keeps back what came before it. */
  readonly #unheard = new Set<Side>()
  readonly #stalls: Record<Side, number> = { student: 0, broker: 0 }
  readonly #rates: Record<Side, number | undefined> = { student: undefined, broker: undefined }
  #left: () => void

  constructor(connection: number, student: Peer, context: LinkContext) {
    this.connection = connection
    this.#student = student
    this.#context = context
    this.jitter = context.jitter?.of(`connection ${connection}`)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.gone = promise
    this.#left = resolve
    this.#lanes = { student: new Lane('student', student, this), broker: undefined }
    student.on('end', () => this.#ended('student'))
    student.on('error', (error) => this.#failed('student', error))
    student.on('close', () => this.#closed())
  }

  get open(): boolean {
    return this.#open
  }

  /** Calls the broker, unless a fault keeps the connection silent or has closed it. */
  connect(): void {
    if (!this.#open || this.#silencedBy !== undefined || this.#broker !== undefined) return
    const broker = connect({ ...this.#context.target, noDelay: true, allowHalfOpen: true })
    let connected = false
    broker.on('connect', () => {
      connected = true
    })
    broker.on('end', () => this.#ended('broker'))
    broker.on('error', (error: NodeJS.ErrnoException) => {
      // An RST may overtake the news that the connection was made.
      if (connected || error.code === 'ECONNRESET') this.#failed('broker', error)
      else this.#unreachable(error)
    })
    broker.on('close', () => this.#closed())
    this.#broker = broker
    this.#lanes.broker = new Lane('broker', broker, this)
    this.#lanes.broker.connectTo(this.#student)
    this.#lanes.broker.stall(this.#stalls.broker > 0)
    this.#lanes.broker.throttle(this.#rates.broker)
    this.#lanes.student?.connectTo(broker)
    this.update()
  }

  /** A fault was switched on or off. */
  update(): void {
    this.#lanes.student?.update()
    this.#lanes.broker?.update()
  }

  break(how: 'end' | 'reset'): void {
    if (this.#over) return
    this.#tcp(how === 'end' ? 'ended' : 'reset', 'lab')
    this.#finish()
    if (how === 'reset') {
      reset(this.#student)
      reset(this.#broker)
    } else {
      this.#student.end()
      this.#broker?.destroy()
    }
  }

  silence(fault: Fault): void {
    this.#silencedBy ??= fault
    this.#lanes.student?.hold(fault)
    this.#lanes.broker?.hold(fault)
  }

  release(fault: Fault): number {
    if (this.#silencedBy === fault) {
      this.#silencedBy = undefined
      this.connect()
      // The student has given up meanwhile, and no broker is there to answer its FIN.
      if (!this.#open && this.#broker === undefined) this.#student.destroy()
    }
    const released = (this.#lanes.student?.release(fault) ?? 0) + (this.#lanes.broker?.release(fault) ?? 0)
    for (const side of this.#unheard) this.#passReset(side)
    return released
  }

  cut(side: Side): void {
    this.#lanes[side]?.cut()
  }

  stall(side: Side, on: boolean): void {
    this.#stalls[side] += on ? 1 : -1
    this.#lanes[side]?.stall(this.#stalls[side] > 0)
  }

  throttle(side: Side, bytesPerSecond: number | undefined): void {
    this.#rates[side] = bytesPerSecond
    this.#lanes[side]?.throttle(bytesPerSecond)
  }

  inject(bytes: Buffer): void {
    this.#lanes.broker?.inject(bytes)
  }

  /** Ends both sockets at once and notes nothing: the wire is being put away. */
  async discard(): Promise<void> {
    this.#finish()
    this.#student.destroy()
    this.#broker?.destroy()
    await this.gone
  }

  now(): number {
    return this.#context.recorder.now()
  }

  note(from: Side, channel: number, { method, fields }: ReadFrame, held: boolean, ms?: number): void {
    const event = { kind: 'frame', from, connection: this.connection, channel, method, fields } as const
    this.#context.recorder.note(held ? { ...event, held } : event, ms)
  }

  judge(from: Side, channel: number, read: ReadFrame, except?: Fault): { fate: Fate; fault: Fault } | undefined {
    for (const fault of this.#context.faults) {
      if (fault === except || !fault.watches?.includes(from)) continue
      const fate = fault.frame?.({ link: this, from, channel, ...read })
      if (fate !== undefined) return { fate, fault }
    }
    return undefined
  }

  watched(from: Side): boolean {
    for (const fault of this.#context.faults) if (fault.watches?.includes(from)) return true
    return false
  }

  #ended(side: Side): void {
    if (side === 'student') this.#open = false
    this.#lanes[side]?.flush()
    if (!this.#over || side === 'student') this.#tcp('ended', side)
    this.#lanes[side]?.end()
  }

  #failed(side: Side, error: NodeJS.ErrnoException): void {
    // What came before it is not lost.
    this.#lanes[side]?.flush()
    if (this.#over) return
    this.#tcp('reset', side, error.code)
    if (side === 'student') this.#open = false
    this.#unheard.add(side)
    this.#passReset(side)
  }

  /** Where a fault keeps everything back, the other side hears nothing of a reset, either, until that lets go. */
  #passReset(side: Side): void {
    if (this.#over || this.#lanes[side]?.held) return
    this.#unheard.clear()
    this.#finish()
    reset(side === 'student' ? this.#broker : this.#student)
  }

  #unreachable(error: NodeJS.ErrnoException): void {
    if (this.#over) return
    this.#tcp('upstream-failed', undefined, error.code)
    this.#finish()
    reset(this.#student)
  }

  #finish(): void {
    this.#over = true
    this.#open = false
    this.#lanes.student?.cut()
    this.#lanes.broker?.cut()
  }

  #closed(): void {
    if (this.#student.closed && (this.#broker?.closed ?? true)) this.#left()
  }

  #tcp(what: TcpEvent['what'], by?: TcpEvent['by'], detail?: string): void {
    const event = { kind: 'tcp', connection: this.connection, what } as const
    this.#context.recorder.note({ ...event, ...(by && { by }), ...(detail && { detail }) })
  }
}

function reset(socket: Peer | undefined): void {
  if (socket === undefined || socket.destroyed) return
  // A FIN that waits behind unsent bytes can't be turned into an RST: the operating system refuses it.
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}

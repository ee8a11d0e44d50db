import type { Duplex } from 'node:stream'
import { type Frame, FrameParser } from '../amqp/parser.ts'
import type { Jitter } from '../jitter.ts'
import type { Lag } from '../lag.ts'
import type { Side } from '../recording/recording.ts'
import type { Fate, Fault } from './fault.ts'
import { type ReadFrame, readFrame } from './read.ts'

/** What a lane needs to know of the connection that it is one direction of. */
export interface LaneOwner {
  note(from: Side, channel: number, read: ReadFrame, held: boolean, ms?: number): void
  /** The recording's clock. */
  now(): number
  /** What the faults that are on, `except` one, have in mind for a frame. */
  judge(from: Side, channel: number, read: ReadFrame, except?: Fault): { fate: Fate; fault: Fault } | undefined
  /** Whether a fault wants to see this side's frames before they go on. */
  watched(from: Side): boolean
  break(how: 'end' | 'reset'): void
  /** Where timings vary. */
  readonly jitter?: Jitter | undefined
}

interface Kept {
  bytes: Buffer
  channel: number
  /** Missing for what no fault may judge: the rest of a frame, or bytes that are no frame. */
  read?: ReadFrame
}

/** What a fault keeps back fills this much memory, in bytes; then the sender has to wait. */
const ROOM = 4 * 1024 * 1024
/** How much later the broker may hear, or be heard, where timings vary. */
const MOST_LATE_MS = 4

/**
 * One direction of a connection.
 *
 *   directly:        source ──chunk──▶ target         the chunk goes on first; a copy is cut into frames and noted
 *                              └──▶ parser ──▶ note
 *
 *   frame by frame:  source ──▶ parser ──▶ faults ──▶ target       while a fault watches, or holds, or something is
 *                                            └─hold─▶ kept[]       to be sent between two frames
 *
 * Either way the source is read no faster than the target takes it.
 *
 * Where timings vary, the way between the wire and the broker is longer: what is noted happened at the student then.
 */
export class Lane {
  readonly from: Side
  readonly #owner: LaneOwner
  readonly #source: Duplex
  readonly #parser = new FrameParser()
  #target: Duplex | undefined
  #frameByFrame = false
  #receiving = false
  /** Frame by frame: so many bytes of the frame that the parser has not complete went on already. */
  #sentAhead = 0
  #heldBy: Fault | undefined
  #kept: Kept[] = []
  #keptBytes = 0
  #injections: Buffer[] = []
  #stalled = false
  #bytesPerSecond: number | undefined
  /** Rests until then, as what has passed may take so long. */
  #rest: NodeJS.Timeout | undefined
  #ended = false
  #cut = false
  readonly #late: Lag | undefined
  /** So many bytes are late. */
  #lateBytes = 0

  constructor(from: Side, source: Duplex, owner: LaneOwner) {
    this.from = from
    this.#source = source
    this.#owner = owner
    const { jitter } = owner
    this.#late = jitter?.lag(`bytes from the ${from}`, MOST_LATE_MS)
    const number = from === 'broker' ? jitter?.numbers('parts') : undefined
    source.on('data', (chunk: Buffer) => (number ? this.#receiveLate(chunk, number) : this.#receive(chunk)))
  }

  get held(): boolean {
    return this.#heldBy !== undefined
  }

  connectTo(target: Duplex): void {
    this.#target = target
    target.on('drain', () => this.#flow())
    if (this.#ended && !this.held) target.end()
  }

  /** The source has sent its FIN: it is passed on, behind what is kept back. */
  end(): void {
    this.#ended = true
    const rest = this.#frameByFrame ? this.#parser.pending().subarray(this.#sentAhead) : Buffer.of()
    if (rest.length > 0) this.#follow({ bytes: rest, channel: 0 }, this.held ? 'hold' : undefined)
    this.#parser.end((frame) => this.#owner.note(this.from, 0, readFrame(frame), this.held || this.#cut))
    this.#endTarget()
  }

  /** Nothing goes on from now on. What still comes is noted as held. */
  cut(): void {
    // What has been noted as passed has passed.
    if (this.from === 'student') this.flush()
    else this.#late?.clear()
    this.#lateBytes = 0
    this.#cut = true
    this.#kept = []
    this.#keptBytes = 0
    this.#stalled = false
    this.throttle(undefined)
  }

  hold(fault: Fault): void {
    this.#heldBy ??= fault
    this.update()
  }

  /** Lets go what `fault` keeps back, as far as no other fault minds. Returns the number of frames. */
  release(fault: Fault): number {
    if (this.#heldBy !== fault) return 0
    this.#heldBy = undefined
    const kept = this.#kept
    this.#kept = []
    this.#keptBytes = 0
    this.#target?.cork()
    let sent = 0
    for (const item of kept) {
      if (this.#follow(item, this.#fateOf(item, fault))) sent++
    }
    this.#target?.uncork()
    this.#endTarget()
    this.update()
    this.#flow()
    return sent
  }

  stall(on: boolean): void {
    this.#stalled = on
    this.#flow()
  }

  throttle(bytesPerSecond: number | undefined): void {
    this.#bytesPerSecond = bytesPerSecond
    clearTimeout(this.#rest)
    this.#rest = undefined
    this.#flow()
  }

  /** What is late goes on now. */
  flush(): void {
    this.#late?.flush()
  }

  /** Sends bytes to the target, as soon as that is between two frames. */
  inject(bytes: Buffer): void {
    this.#injections.push(bytes)
    this.update()
  }

  /** Changes between 'directly' and 'frame by frame', as the faults need it. */
  update(): void {
    // In the middle of a chunk the parser holds only part of what was received: this is done after it.
    if (this.#receiving) return
    const partlySent = this.#frameByFrame ? this.#sentAhead : this.#parser.pendingSize
    if (partlySent === 0) this.#sendInjections()
    const needed = this.held || this.#injections.length > 0 || this.#owner.watched(this.from)
    if (needed === this.#frameByFrame) return
    if (needed) this.#sentAhead = this.#parser.pendingSize
    else this.#sendPending()
    this.#frameByFrame = needed
  }

  /** A network may also deliver in two parts what was sent as one. */
  #receiveLate(chunk: Buffer, number: (below: number) => number): void {
    const first = number(2) === 0 ? 0 : number(chunk.length)
    const at = this.#lateBytes > 0 ? 0 : first
    if (at > 0) this.#receive(chunk.subarray(0, at))
    this.#later(chunk.length - at, () => this.#receive(chunk.subarray(at)))
  }

  #later(bytes: number, act: () => void): void {
    if (this.#late === undefined) {
      act()
      return
    }
    this.#lateBytes += bytes
    this.#late.pass(() => {
      this.#lateBytes -= bytes
      act()
      this.#flow()
    })
    this.#flow()
  }

  #receive(chunk: Buffer): void {
    this.#receiving = true
    if (this.#frameByFrame) {
      this.#target?.cork()
      this.#parser.push(chunk, this.#pass)
      this.#target?.uncork()
    } else {
      // Sending may put this process to sleep and wake the student's: a frame is stamped with the time before that.
      const ms = this.#owner.now()
      this.#send(chunk)
      this.#parser.push(chunk, (frame) => this.#note(frame, ms))
    }
    this.#receiving = false
    this.update()
    this.#pace(chunk.length)
    this.#flow()
  }

  #pace(bytes: number): void {
    if (this.#bytesPerSecond === undefined) return
    const rested = () => {
      this.#rest = undefined
      this.#flow()
    }
    this.#rest = setTimeout(rested, (bytes / this.#bytesPerSecond) * 1000)
  }

  #note(frame: Frame, ms?: number): void {
    this.#owner.note(this.from, frame.channel, readFrame(frame), this.#cut, ms)
  }

  readonly #pass = (frame: Frame): void => {
    const read = readFrame(frame)
    const wholeAndKnown = this.#sentAhead === 0 && read.method !== 'undecoded'
    const item: Kept = { bytes: frame.bytes.subarray(this.#sentAhead), channel: frame.channel }
    if (wholeAndKnown) item.read = read
    this.#sentAhead = 0
    const fate = this.#fateOf(item)
    this.#owner.note(this.from, frame.channel, read, fate !== undefined || this.#cut)
    if (this.#follow(item, fate)) this.#sendInjections()
  }

  #fateOf(item: Kept, except?: Fault): Fate | undefined {
    if (this.held) return 'hold'
    if (item.read === undefined) return undefined
    const judged = this.#owner.judge(this.from, item.channel, item.read, except)
    if (judged?.fate === 'hold') this.#heldBy = judged.fault
    return judged?.fate
  }

  /** Returns whether the frame went on. */
  #follow(item: Kept, fate: Fate | undefined): boolean {
    if (fate === undefined) {
      this.#send(item.bytes)
      return true
    }
    if (fate === 'hold') {
      // What is kept makes the sender wait. After a cut nothing will ever go on.
      if (this.#cut) return false
      this.#kept.push(item)
      this.#keptBytes += item.bytes.length
    } else if (fate !== 'drop') {
      this.#owner.break(fate)
    }
    return false
  }

  #send(bytes: Buffer): void {
    if (this.#cut) return
    const write = () => {
      if (this.#target?.writable) this.#target.write(bytes)
    }
    if (this.from === 'student') this.#later(bytes.length, write)
    else write()
  }

  #sendPending(): void {
    const rest = this.#parser.pending().subarray(this.#sentAhead)
    this.#sentAhead = 0
    if (rest.length > 0) this.#send(rest)
  }

  #sendInjections(): void {
    for (const bytes of this.#injections.splice(0)) {
      this.#send(bytes)
      new FrameParser().push(bytes, (frame) => this.#note(frame))
    }
  }

  #endTarget(): void {
    if (!this.#ended || this.held || this.#cut) return
    this.flush()
    this.#target?.end()
  }

  #flow(): void {
    const full = this.#keptBytes + this.#lateBytes > ROOM || (!this.#cut && (this.#target?.writableNeedDrain ?? false))
    const wait = this.#stalled || this.#rest !== undefined || full
    if (wait === this.#source.isPaused()) return
    if (wait) this.#source.pause()
    else this.#source.resume()
  }
}

import type { Side } from '../recording/recording.ts'

/**
 * A way to break the network on purpose. Each is a file of its own in `faults/`, whose name is its name in the
 * recording, and has only the hooks that it needs:
 *
 *   switched on ──▶ on()      a connection arrives ──▶ accepted()      a frame comes ──▶ frame() ──▶ its fate
 *   switched off ─▶ off()
 *
 * A fault is switched on by one wire at a time.
 */
export interface Fault {
  /** Its file name in `faults/`. */
  readonly name: string
  /** For the trace: what it was told to do. */
  readonly detail?: string
  /** Whose frames it wants to see before they are forwarded. That direction then goes frame by frame. */
  readonly watches?: readonly Side[]
  on?(wire: FaultyWire): void | Promise<void>
  off?(wire: FaultyWire): void | Promise<void>
  /** The student's socket has arrived; nothing was read from it, and the broker was not called yet. */
  accepted?(link: FaultyLink): void
  /** A frame of a watched direction is about to be forwarded; nothing returned: it goes on. */
  frame?(frame: PassingFrame): Fate | undefined
}

/**
 * hold: kept back, and all that comes behind it in that direction, until the fault releases it.
 * drop: never forwarded. end, reset: never forwarded; the connection is closed or broken off instead.
 */
export type Fate = 'hold' | 'drop' | 'end' | 'reset'

export interface PassingFrame {
  readonly link: FaultyLink
  readonly from: Side
  readonly channel: number
  readonly method: string
  readonly fields: Record<string, unknown>
}

/** What a fault can do to one connection. */
export interface FaultyLink {
  readonly connection: number
  /** False once the student has ended it, or anyone has broken it off. */
  readonly open: boolean
  /** The lab closes it in the orderly way ('end'), or breaks it off ('reset'). */
  break(how: 'end' | 'reset'): void
  /** Keeps everything back in both directions from now on. The broker is not called while this lasts. */
  silence(fault: Fault): void
  /** Lets what the fault keeps back go on, in order. Returns how many frames that were. */
  release(fault: Fault): number
  /** Nothing of that side goes on any more, for good. What still comes from it is read, and noted as held. */
  cut(side: Side): void
  /** Stops reading from a side, as a full network would, or goes on with it. */
  stall(side: Side, on: boolean): void
  /** Reads no faster than that from a side; undefined: as fast as it can. The last one told counts. */
  throttle(side: Side, bytesPerSecond: number | undefined): void
  /** Sends bytes to the student between two frames of the broker. */
  inject(bytes: Buffer): void
}

/** What a fault can do to the wire. */
export interface FaultyWire {
  /** The connections that are there now. */
  links(): FaultyLink[]
  /** From now on connecting is refused by the operating system. */
  closePort(): Promise<void>
  /** Undoes one closePort(). @throws LabError 'port-taken' */
  openPort(): Promise<void>
  /** Notes in the recording that the fault, while on, did something. */
  tell(fault: Fault, detail: string): void
}

/** A fault that is on. Disposing of it switches it off; switching it off twice is once. */
export interface SwitchedOn<F extends Fault = Fault> extends AsyncDisposable {
  readonly fault: F
  off(): Promise<void>
}

import type { Asked } from './words/asked.ts'
import type { Held } from './words/held.ts'
import type { Told } from './words/told.ts'
import type { EventOf } from './words/word.ts'

/**
 * What a scenario leaves behind: plain data, on one clock. Everything that a verdict rests on is in here,
 * so that judging can be repeated without a broker and without the student's code.
 *
 *   wire ──────┐
 *   student ───┼──▶ Recorder ──▶ Recording (JSON) ──▶ expectations read it
 *   scenario ──┘    (one clock)
 */

/** Who sent the bytes: the student's process, or the broker. */
export type Side = 'student' | 'broker'

/** A decoded AMQP 0-9-1 frame, or what could not be decoded. */
export interface FrameEvent {
  kind: 'frame'
  ms: number
  from: Side
  /** Counts the TCP connections of the scenario's wire, from 1. */
  connection: number
  channel: number
  /**
   * The method as 'class.method' ('basic.deliver'), or one of 'header', 'body', 'heartbeat', 'protocol-header',
   * 'undecoded'.
   */
  method: string
  /**
   * A method's arguments by their name in the specification, in camelCase ('deliveryTag', 'noAck').
   * header: { bodySize, properties }; body: { size, text (UTF-8, at most 1,000 characters) };
   * undecoded: { size, hex (at most 64 bytes), reason }. Binary values are { hex }, 64-bit integers that no
   * number can hold are decimal strings.
   */
  fields: Record<string, unknown>
  /** True when a fault kept the frame from reaching the other side (so far). */
  held?: true
}

/** What happened to a TCP connection of the wire. */
export interface TcpEvent {
  kind: 'tcp'
  ms: number
  connection: number
  /**
   * accepted: the student's socket arrived. ended: `by` closed it in the orderly way.
   * reset: `by` broke it off. upstream-failed: the broker behind the wire could not be reached.
   */
  what: 'accepted' | 'ended' | 'reset' | 'upstream-failed'
  by?: Side | 'lab'
  /** accepted: the port of the student's end. */
  port?: number
  detail?: string
}

/** A fault was switched on or off. */
export interface FaultEvent {
  kind: 'fault'
  ms: number
  /** The fault's file name in lab/wire/faults: 'refuse', 'reset', ... */
  name: string
  on: boolean
  detail?: string
}

/** The student's process: started, printed, ended. */
export interface ProcessEvent {
  kind: 'process'
  ms: number
  /** Counts the student processes of the scenario, from 1. */
  student: number
  what: 'started' | 'loaded' | 'stdout' | 'stderr' | 'signalled' | 'exited'
  /** stdout and stderr: one line without its line end. */
  text?: string
  code?: number | null
  signal?: string | null
}

/** The scenario called a function of the driver's, and through it the exercise. What became of it is told as 'settled'. */
export interface CalledEvent {
  kind: 'called'
  ms: number
  student: number
  name: string
  /** Counts the calls of the process, from 1. */
  id: number
  args: Record<string, unknown>
}

/** The scenario told the driver something that is not a call: a handler may finish, a signal is aborted. */
export type AskedEvent = EventOf<Asked, { kind: 'asked'; ms: number; student: number }>

/** The driver told the scenario something: a handler began, a promise settled, ... Stamped on arrival. */
export type ToldEvent<Name extends keyof Told = keyof Told> = Extract<
  EventOf<Told, { kind: 'told'; ms: number; student: number }>,
  { name: Name }
>

/** What the broker held or said when the lab asked it over its own connection, past the wire. */
export type BrokerEvent<What extends keyof Held = keyof Held> = Extract<
  { [Name in keyof Held]: { kind: 'broker'; ms: number; what: Name; data: Held[Name] } }[keyof Held],
  { what: What }
>

/** The scenario got this far. Expectations that say 'nothing happened' look up to a mark. */
export interface MarkEvent {
  kind: 'mark'
  ms: number
  name: string
}

/** Something was awaited in vain. */
export interface AwaitedEvent {
  kind: 'awaited'
  ms: number
  what: string
  limitMs: number
  /** How long it was in the end: on a busy machine longer than the limit. */
  waitedMs?: number
  /** What came instead, in words; the last few things that were seen. */
  instead: string[]
}

/** The check had no time left, and the scenario was not over: it ends here, and what it did not come to says nothing. */
export interface CutOffEvent {
  kind: 'cut-off'
  ms: number
  /** What the check had as a whole. */
  limitMs: number
}

/** The lab found out why the student's process can't be judged, or died. */
export interface FindingEvent {
  kind: 'finding'
  ms: number
  student: number
  /** Stable: 'file-missing', 'syntax-error', 'export-missing', 'crashed', 'blocked', 'flood', 'memory', ... */
  id: string
  /** One sentence for the student. */
  sentence: string
  /** Evidence, several lines: the line and caret, the last lines of output, the stack. */
  detail?: string
  /** The innermost line of the student's own file on the stack. */
  at?: { file: string; line: number; text: string }
}

/** A socket of the student's process is connected. Tells whose a connection is where a scenario has several processes. */
export interface SocketEvent {
  kind: 'socket'
  ms: number
  student: number
  /** Its own end: the wire sees it as the `port` of the connection that it accepts. */
  port: number
}

/** From which line of the student's files amqplib was called. Shown to the student; nothing is judged by it. */
export interface SiteEvent {
  kind: 'site'
  ms: number
  student: number
  /** The student's end of the connection. */
  port: number
  channel: number
  /** As in a frame. */
  method: string
  /** The nth of this method on this channel of this connection, from 1. */
  nth: number
  file: string
  line: number
  text: string
}

export type RecordedEvent =
  | FrameEvent
  | TcpEvent
  | FaultEvent
  | ProcessEvent
  | CalledEvent
  | AskedEvent
  | ToldEvent
  | BrokerEvent
  | MarkEvent
  | AwaitedEvent
  | CutOffEvent
  | FindingEvent
  | SiteEvent
  | SocketEvent

/** An event before the recorder has stamped it. */
export type Unstamped<E extends RecordedEvent = RecordedEvent> = E extends RecordedEvent ? Omit<E, 'ms'> : never

export interface Recording {
  format: 2
  lesson: string
  scenario: string
  broker: { kind: string; product: string; version: string }
  /** Why the scenario could not be played with this broker: what reads it is not judged. There are no events then. */
  notPlayed?: string
  /** In the order in which they happened; `ms` counts from the scenario's start and never goes back. */
  events: RecordedEvent[]
}

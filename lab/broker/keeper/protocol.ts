import type { Socket } from 'node:net'
import { LabError } from '../../errors.ts'
import type { ConnectionSeen, Starting } from '../broker.ts'
import type { LeasedBroker, VhostLogin } from '../kept-broker.ts'

/*
 * What a keeper and its clients say to each other: one JSON object a line, over loopback TCP.
 *
 *   client                             keeper
 *   {do:'hello', token, as}   ──>
 *                             <──      {event:'refused', reason}            and the connection ends
 *                             <──      {event:'welcome', status}
 *                             <──      {event:'starting', starting}         while it boots
 *                             <──      {event:'leased', broker}             or {event:'failed', error}
 *   {id, do:…}                ──>
 *                             <──      {id, result} or {id, error}
 *
 * What clients send is checked against requests.ts. A client `as` 'visitor' holds no lease and gets no 'leased'.
 */

/** What a keeper says of itself to `doctor`. */
export interface KeeperStatus {
  key: string
  kind: string
  pid: number
  /** When it was started, in milliseconds since 1970. */
  since: number
  users: number
  /** When it ends unless it is used before, in milliseconds since 1970; undefined while it is used. */
  until?: number | undefined
  /** Undefined while it boots. */
  broker: LeasedBroker | undefined
}

/** A LabError on its way through JSON. */
export interface SentError {
  code: string
  message: string
  advice?: string | undefined
}

/** Each request with its result. */
export interface Results {
  openVhost: VhostLogin
  closeVhost: null
  connections: ConnectionSeen[]
  closeConnection: null
  enter: null
  leave: null
  restart: null
  harm: null
  revive: null
  mend: null
  guard: null
  unguard: null
  stop: null
}

export type FromKeeper =
  | { event: 'refused'; reason: 'token' | 'moved' | 'leaving' }
  | { event: 'welcome'; status: KeeperStatus }
  | { event: 'starting'; starting: Starting }
  | { event: 'leased'; broker: LeasedBroker }
  | { event: 'failed'; error: SentError }
  | { id: number; result: unknown }
  | { id: number; error: SentError }

export function sendLine(socket: Socket, message: object): void {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(message)}\n`)
}

/** Calls `receive` with each line's JSON; what is no JSON is `undefined`. */
export function receiveLines(socket: Socket, receive: (message: unknown) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) receive(parse(line))
  })
}

/** The part of an error that the other side can use. */
export function toSent(error: unknown): SentError {
  if (error instanceof LabError) return { code: error.code, message: error.message, advice: error.advice }
  return { code: 'broker-failed', message: error instanceof Error ? error.message : String(error) }
}

export function fromSent({ code, message, advice }: SentError): LabError {
  return new LabError(code, message, advice === undefined ? {} : { advice })
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

import type { Starting } from '../../broker/broker.ts'
import type { KindName } from '../../broker/kinds/kind.ts'
import type { Recording } from '../../recording/recording.ts'
import type { PlayConfig } from '../config.ts'

/*
 * What the lab and its player say to each other over IPC.
 *
 *   lab ── prepare: load the check file, start the students' processes ──▶ player
 *       ── play: on this broker ──▶
 *       ◀── begun: the first students' processes are ready ──
 *       ◀── starting: what goes on while a cluster boots that a scenario needs ──
 *       ◀── recording or error, one for each scenario ──
 *       ◀── failed: the check could not be played at all ──
 *       ◀── over: every scenario has been played, and its stage is gone ──
 */
/** The broker to play on: a warm or fresh one that somebody holds a lease on. */
export interface BrokerAt {
  kind: KindName
  key: string
}

export type ToPlayer =
  | { do: 'prepare'; checks: { id: number; lesson: string }[]; config: PlayConfig }
  | { do: 'play'; ids: number[]; broker: BrokerAt }

export type FromPlayer =
  | { starting: Starting }
  | { id: number; begun: true }
  | { id: number; scenario: string; recording: Recording }
  | { id: number; scenario: string; error: SentError }
  | { id: number; failed: SentError }
  | { id: number; over: true }

export interface SentError {
  message: string
  stack?: string
}

export function toSent(thrown: unknown): SentError {
  if (!(thrown instanceof Error)) return { message: String(thrown) }
  const { message, stack } = thrown
  return stack === undefined ? { message } : { message, stack }
}

export function fromSent(sent: SentError): Error {
  return Object.assign(new Error(sent.message), sent)
}

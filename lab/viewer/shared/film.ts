import type { Change } from './things.ts'

/** A recording as a page gets it: everything in it is text that can be shown. */
export interface Film {
  lesson: string
  scenario: string
  broker: string
  /** Why it could not be played: there are no moments then. */
  notPlayed?: string
  /** From left to right; the lab's deeds stand between them or beside the one that they are about. */
  lanes: Lane[]
  moments: Moment[]
}

export interface Lane {
  id: string
  name: string
}

/** An arrow between two lanes, or a note over one or more. */
export type Shape = { from: string; to: string; dashed?: true; lost?: true } | { over: string[] }

/** What is of no interest until something is wrong with it. */
export type Fold = 'handshake' | 'heartbeat' | 'probe'

export interface Moment {
  ms: number
  /** Where its event stands in the recording. */
  place: number
  from: 'student' | 'broker' | 'lab'
  method: string
  text: string
  shape: Shape
  /** 0: of no connection. */
  connection: number
  channel: number
  queue?: string
  /** The texts of the tasks that it is about. */
  tasks: string[]
  fold?: Fold
  /** Said beside it: that the lab held it back, what the wire can't know. */
  notes: string[]
  details: Detail[]
  /** The line of the student's that did it. */
  at?: { file: string; line: number; text: string }
  changes: Change[]
}

/** A name and what there is to read under it; a body keeps its lines. */
export interface Detail {
  name: string
  text: string
}

/** An expectation on the axis. */
export interface Mark {
  step: number
  title: string
  verdict: 'passed' | 'failed' | 'not-judged' | 'not-reached' | 'error'
  message?: string
  /** The line of the student's that is to blame, where that is certain. */
  at?: { file: string; line: number; text: string }
  /** The scenarios that it reads, and where each decides: when it became true, or what shows that it is not. */
  decided: { scene: number; moment?: number }[]
}

/** A scenario: one recording, or two that are looked at together. */
export interface Scene {
  name: string
  films: Film[]
  /** Of two: which moments of the one are which of the other, both growing. */
  links?: Link[]
}

export type Link = [left: number, right: number]

/** All that a page shows. */
export interface Show {
  /** Above each recording, where there are two. */
  names?: [string, string]
  scenes: Scene[]
  marks: Mark[]
}

/** A show whose films are packed: a film is JSON that is mostly the same, and takes a thirtieth then. */
export interface PackedShow {
  scenes: PackedScene[]
  marks: Mark[]
}

export interface PackedScene {
  name: string
  /** A film as JSON, by gzip, in base64. */
  packed: string
}

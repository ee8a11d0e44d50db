/**
 * An exchange between participants, as plain data: what a lesson's diagram and the trace of a failure have in common.
 *
 *     service                broker        participants, each with a lifeline
 *        │                     │
 *   12ms │── basic.ack ───────▶│           a message, with a time
 *        │                 [ counts ]      a note
 */
export interface Sequence {
  participants: Participant[]
  rows: Row[]
}

export interface Participant {
  id: string
  name: string
}

/** How a row is shown: 'wrong' is the one to look at, 'faint' the surroundings. */
export type Mark = 'wrong' | 'faint'

export type Row =
  | {
      kind: 'message'
      from: string
      to: string
      text: string
      line?: 'solid' | 'dashed'
      /** 'lost' never arrives. */
      head?: 'arrow' | 'lost' | 'none'
      /** Shown in a column of its own on the left. */
      time?: string
      mark?: Mark
    }
  | { kind: 'note'; over: string[]; side?: 'left' | 'right' | 'over'; text: string; time?: string; mark?: Mark }
  /** A labelled box around rows; more than one part where it has branches. `label` may be empty. */
  | { kind: 'frame'; name: string; parts: { label: string; rows: Row[] }[] }

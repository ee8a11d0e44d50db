import type { Side } from '../../recording/recording.ts'
import type { Fault, FaultyWire } from '../fault.ts'
import { type FieldsMatch, type FrameName, fieldsMatch, frameInWords, sendersOf } from '../match.ts'

export interface HoldOptions {
  method: FrameName
  /** Default: whoever may send such a frame. */
  from?: Side
  /** Only frames with these fields, or for which this is true. */
  match?: FieldsMatch
  /** Only on this connection. */
  connection?: number
}

export interface Hold extends Fault {
  /** Lets what is kept back now go on. The fault stays on: frames that come later are held again. */
  release(): void
}

/**
 * Frames are kept back, and so is what comes behind them in the same direction of the same connection: the order is
 * kept. Switching it off releases them.
 */
export function hold(options: HoldOptions): Hold {
  const { method, from, match, connection } = options
  const watches = from === undefined ? sendersOf(method) : [from]
  let wire: FaultyWire | undefined
  const letGo = () => wire?.links().reduce((sum, link) => sum + link.release(fault), 0) ?? 0
  const fault: Hold = {
    name: 'hold',
    detail: frameInWords(method, watches, match),
    watches,
    on: (faulty) => {
      wire = faulty
    },
    off: () => {
      letGo()
      wire = undefined
    },
    frame: (frame) =>
      frame.method === method &&
      (connection === undefined || frame.link.connection === connection) &&
      fieldsMatch(match, frame.fields)
        ? 'hold'
        : undefined,
    release: () => {
      if (wire === undefined) return
      wire.tell(fault, 'released')
      letGo()
    },
  }
  return fault
}

import type { Side } from '../../recording/recording.ts'
import type { Fault, FaultyLink } from '../fault.ts'

export interface StallOptions {
  /** Whose bytes are taken no more. Default: the student's. */
  from?: Side
}

/**
 * The wire stops reading: the sender's bytes fill the buffers of the network, and then wait in the sender. Nothing is
 * lost; it goes on when the fault is switched off. While it is on, a FIN or an RST of that side is not seen, either.
 */
export function stall(options: StallOptions = {}): Fault {
  const { from = 'student' } = options
  const stalled: FaultyLink[] = []
  const take = (link: FaultyLink) => {
    stalled.push(link)
    link.stall(from, true)
  }
  return {
    name: 'stall',
    detail: `from the ${from}`,
    on: (wire) => wire.links().forEach(take),
    accepted: take,
    off: () => {
      for (const link of stalled.splice(0)) link.stall(from, false)
    },
  }
}

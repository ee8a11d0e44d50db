import type { Side } from '../../recording/recording.ts'
import type { Fault, FaultyLink } from '../fault.ts'

export interface ThrottleOptions {
  /** How fast the bytes of one connection pass. */
  bytesPerSecond: number
  /** Whose bytes. Default: the student's. */
  from?: Side
}

/**
 * A thin link: bytes pass slowly. The wire takes what has come, and then rests for as long as that may take; meanwhile
 * the buffers of the network fill, and then the sender has to wait. Nothing is lost. For none at all see `stall`.
 */
export function throttle(options: ThrottleOptions): Fault {
  const { bytesPerSecond, from = 'student' } = options
  const slowed: FaultyLink[] = []
  const take = (link: FaultyLink) => {
    slowed.push(link)
    link.throttle(from, bytesPerSecond)
  }
  return {
    name: 'throttle',
    detail: `${bytesPerSecond} bytes a second from the ${from}`,
    on: (wire) => wire.links().forEach(take),
    accepted: take,
    off: () => {
      for (const link of slowed.splice(0)) link.throttle(from, undefined)
    },
  }
}

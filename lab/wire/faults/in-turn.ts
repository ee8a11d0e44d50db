import type { Fault } from '../fault.ts'

/**
 * The first connection that arrives meets the first of these faults, the second the second, and so on; whoever comes
 * after the last one meets none. No switching on and off, so no connection slips through between two of them.
 */
export function inTurn(faults: Fault[]): Fault {
  const met = new Map<number, Fault>()
  let arrived = 0
  return {
    name: 'in-turn',
    detail: `${faults.length} connections`,
    watches: [...new Set(faults.flatMap(({ watches = [] }) => watches))],
    accepted: (link) => {
      const fault = faults[arrived++]
      if (fault === undefined) return
      met.set(link.connection, fault)
      fault.accepted?.(link)
    },
    frame: (frame) => met.get(frame.link.connection)?.frame?.(frame),
  }
}

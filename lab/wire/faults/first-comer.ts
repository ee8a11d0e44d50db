import type { Fault } from '../fault.ts'

/**
 * For so many wires: the one at which a connection arrives first breaks off all that arrive there; at the others
 * nothing happens. Whoever chooses among several peers can't be lucky: the first choice is a wrong one.
 */
export function firstComer(wires: number): Fault[] {
  let first: number | undefined
  return Array.from({ length: wires }, (_, nth) => ({
    name: 'first-comer',
    detail: `wire ${nth + 1} of ${wires}`,
    accepted: (link) => {
      first ??= nth
      if (first === nth) link.break('reset')
    },
  }))
}

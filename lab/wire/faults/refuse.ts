import type { Fault } from '../fault.ts'

/** The port is closed: connecting fails with a real ECONNREFUSED. Connections that are there stay. */
export function refuse(): Fault {
  return {
    name: 'refuse',
    on: (wire) => wire.closePort(),
    off: (wire) => wire.openPort(),
  }
}

import type { Fault, FaultyLink } from '../fault.ts'

export interface HalfOpenOptions {
  /** Also connections that arrive while it is on. Default false: a new connection works. */
  arriving?: boolean
}

/**
 * The other end of the open connections is gone, and nobody has said so: what the student sends is read no more, so it
 * fills the buffers of the network and then waits in the student's process; nothing comes back; no FIN, no RST.
 * The broker hears nothing more of the student, either, and what it says is lost.
 *
 *   student ──▶ ▒▒▒▒ (not read)          (read, noted as held) ◀── broker
 *
 * Such a connection stays dead for good. When the fault is switched off, what the student has sent into it is read and
 * noted as held, so that the recording shows how the student has left it.
 */
export function halfOpen(options: HalfOpenOptions = {}): Fault {
  const { arriving = false } = options
  const dead: FaultyLink[] = []
  const fault: Fault = {
    name: 'half-open',
    detail: arriving ? 'open and arriving connections' : 'open connections',
    on: (wire) => wire.links().forEach(take),
    accepted: (link) => {
      if (arriving) take(link)
    },
    off: () => {
      for (const link of dead.splice(0)) link.cut('student')
    },
  }
  function take(link: FaultyLink): void {
    if (!link.open) return
    dead.push(link)
    link.silence(fault)
    link.stall('student', true)
  }
  return fault
}

import type { Fault } from '../fault.ts'

export interface ResetOptions {
  /** Break off the connections that are open when it is switched on. Default true. */
  open?: boolean
  /** Break off new ones as they arrive, while it is on. Default false. */
  arriving?: boolean
}

/** Connections are broken off with an RST, to both sides. */
export function reset(options: ResetOptions = {}): Fault {
  const { open = true, arriving = false } = options
  const which = [open && 'open connections', arriving && 'arriving connections'].filter(Boolean)
  return {
    name: 'reset',
    detail: which.join(' and '),
    on: (wire) => {
      if (open) for (const link of wire.links()) link.break('reset')
    },
    accepted: (link) => {
      if (arriving) link.break('reset')
    },
  }
}

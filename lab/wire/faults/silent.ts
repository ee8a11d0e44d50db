import type { Fault, FaultyLink } from '../fault.ts'

export interface SilentOptions {
  /**
   * Fall silent also on connections that are open already: a link whose other end is gone without a word.
   * Default false: only connections that arrive.
   */
  existing?: boolean
  /**
   * When it is switched off: 'never' (default): the connections that fell silent stay so. 'late': what was kept back
   * goes on, in order, and the connection works.
   */
  answer?: 'never' | 'late'
}

/** Connections are accepted, and then nothing is forwarded either way, nor is a FIN or an RST. */
export function silent(options: SilentOptions = {}): Fault {
  const { existing = false, answer = 'never' } = options
  const silenced: FaultyLink[] = []
  const fault: Fault = {
    name: 'silent',
    detail: existing ? 'open and arriving connections' : 'arriving connections',
    on: (wire) => {
      if (existing) for (const link of wire.links()) fault.accepted?.(link)
    },
    accepted: (link) => {
      if (!link.open) return
      silenced.push(link)
      link.silence(fault)
    },
    off: () => {
      for (const link of silenced.splice(0)) if (answer === 'late') link.release(fault)
    },
  }
  return fault
}

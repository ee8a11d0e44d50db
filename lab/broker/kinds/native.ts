import type { Kind, Probe } from '../kept-broker.ts'
import { findInstalled, whyNot } from '../native/install.ts'

/** A private RabbitMQ from this machine's own installation; one that runs as a service is not touched. */
export const kind: Kind = {
  image: () => undefined,

  async probe(): Promise<Probe> {
    const installed = findInstalled()
    const problem = whyNot(installed)
    if (problem) return { usable: false, text: problem.message, advice: problem.advice }
    return { usable: true, text: `RabbitMQ ${installed?.version ?? ''} is installed`.replace('  ', ' ') }
  },

  boot: async (options) => (await import('../native/boot.ts')).bootNative(options),
}

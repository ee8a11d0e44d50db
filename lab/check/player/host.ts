import type { Declared, Host } from '../scenario.ts'

const KEY = Symbol.for('cluster-up.player')

/** The player's own host, in the player's process; undefined in any other. */
export function hostOfPlayer(): Host | undefined {
  return (globalThis as Record<symbol, unknown>)[KEY] as Host | undefined
}

/** Makes this process the player: `declares` is called with each check that is loaded. */
export function becomePlayer(declares: (declared: Declared) => void): void {
  const host: Host = { begins: declares, step: (_title, fill) => fill(), expectation: () => {} }
  ;(globalThis as Record<symbol, unknown>)[KEY] = host
}

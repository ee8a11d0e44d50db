import type { SandboxName } from '../found.ts'
import type { SandboxKind } from '../sandbox-kind.ts'

/** The kinds of sandbox, each a file of this folder. */
const FILES: Record<SandboxName, () => Promise<{ kind: SandboxKind }>> = {
  docker: () => import('./docker.ts'),
  bubblewrap: () => import('./bubblewrap.ts'),
}

export async function loadSandbox(name: SandboxName): Promise<SandboxKind> {
  return (await FILES[name]()).kind
}

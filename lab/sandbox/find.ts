import { LabError } from '../errors.ts'
import { type FoundSandbox, SANDBOXES, type SandboxName } from './found.ts'
import { loadSandbox } from './kinds/kind.ts'
import type { SandboxProbe } from './sandbox-kind.ts'

/**
 * Finds a sandbox for strangers' code: the one that is asked for, or with 'auto' the first that works.
 *
 *   const sandbox = await findSandbox('auto')
 *   await using session = new Session({ …, sandbox })
 *
 * @returns null for 'none': the code runs as a process of the lab's own user
 * @throws LabError 'no-sandbox', with the reasons
 */
export async function findSandbox(
  asked: 'auto' | 'none' | SandboxName,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FoundSandbox | null> {
  if (asked === 'none') return null
  const names = asked === 'auto' ? SANDBOXES : [asked]
  const reasons: string[] = []
  for (const name of names) {
    const { found, text, advice } = await (await loadSandbox(name)).probe(env)
    if (found) return found
    reasons.push(`${name}: ${[text, advice].filter(Boolean).join(' ')}`)
  }
  const what = asked === 'auto' ? 'No sandbox can be used here.' : `The sandbox ${asked} can't be used here.`
  throw new LabError('no-sandbox', [what, ...reasons].join('\n'), {
    advice: "Without a sandbox, untrusted code runs with your own user's rights. To allow that, pass --sandbox none.",
  })
}

/** Every kind of sandbox, and whether it can be used here. */
export function probeSandboxes(
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ kind: SandboxName; probe: SandboxProbe }[]> {
  return Promise.all(SANDBOXES.map(async (kind) => ({ kind, probe: await (await loadSandbox(kind)).probe(env) })))
}

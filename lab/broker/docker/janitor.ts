import { spawn } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BootOptions } from '../kinds/kind.ts'
import { Engine } from './engine.ts'
import { labelsOf } from './labels.ts'

/** A request to create a container that was on its way when the keeper died is carried out within this time. */
const LATE_CREATION_MS = 3000

/**
 * Watches over the moment between a container's creation and its start, in which the lease does not hold it yet:
 * a process that clears away when its standard input ends before it was told 'done'.
 */
export function employJanitor(engine: Engine, owner: BootOptions['owner']): { done: () => void } {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), engine.uri, JSON.stringify(labelsOf(owner))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  return { done: () => child.stdin.end('done') }
}

async function clearAway(engine: Engine, labels: Record<string, string>): Promise<void> {
  const until = performance.now() + LATE_CREATION_MS
  do {
    for (const { id } of await engine.containers(labels)) await engine.removeContainer(id)
    await wait(100)
  } while (performance.now() < until)
}

if (import.meta.main) {
  const [uri = '', labels = '{}'] = process.argv.slice(2)
  let said = ''
  for await (const chunk of process.stdin) said += chunk
  if (said !== 'done') await clearAway(new Engine(uri), JSON.parse(labels))
}

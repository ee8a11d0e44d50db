import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { BootOptions } from '../kept-broker.ts'
import type { Engine } from './engine.ts'
import { labelsOf } from './labels.ts'

const JANITOR = resolve(import.meta.dirname, 'janitor.ts')

/**
 * Watches over the moment between a container's creation and its start, in which the lease does not hold it yet: a
 * process that clears away when its standard input ends before it was told 'done'. A cluster's stays as long as the
 * cluster, for the sake of its network.
 */
export function employJanitor(engine: Engine, owner: BootOptions['owner']): { done: () => void } {
  const child = spawn(process.execPath, ['--disable-sigusr1', JANITOR, engine.uri, JSON.stringify(labelsOf(owner))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  return { done: () => child.stdin.end('done') }
}

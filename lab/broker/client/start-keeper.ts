import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { logFile } from '../keeper/state-file.ts'
import { messages } from '../messages.ts'

const MAIN = resolve(import.meta.dirname, '../keeper/main.ts')

export interface KeeperPlace {
  kind: string
  image: string | undefined
  folder: string
  key: string
  idleMs: number
  fresh: boolean
}

/**
 * Starts a keeper, which outlives this process.
 *
 * @returns when it is registered, or has found that there is another; `release` lets go of it. A fresh keeper that
 *   is let go of without having a user ends.
 * @throws LabError 'keeper-died'
 */
export async function startKeeper(place: KeeperPlace): Promise<{ release: () => void }> {
  const { kind, image, folder, key, idleMs, fresh } = place
  const file = logFile(folder, key)
  const log = openSync(file, 'a', 0o600)
  const args = [kind, '--folder', folder, '--key', key, '--idle-ms', String(idleMs)]
  if (image !== undefined) args.push('--image', image)
  if (fresh) args.push('--fresh')
  const child = spawn(process.execPath, ['--disable-sigusr1', MAIN, ...args], {
    detached: true,
    windowsHide: true,
    cwd: folder,
    env: keeperEnvironment(folder),
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  await new Promise<void>((resolve, reject) => {
    const died = (how: string) => reject(messages.keeperDied(kind, how, readFileSync(file, 'utf8').split('\n')))
    child.on('error', (error) => died(error.message))
    child.on('exit', (code, signal) => died(signal ?? `exit code ${code}`))
    child.on('message', () => resolve())
  })
  child.removeAllListeners()
  // What goes wrong from here on, its clients hear.
  child.on('error', () => {})
  child.unref()
  child.channel?.unref()
  return {
    release: () => {
      if (child.connected) child.disconnect()
    },
  }
}

/** This process's own, without what was meant for it alone. */
function keeperEnvironment(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(NODE_|npm_|VITEST|TEST$)/i.test(name))
  // testcontainers is large: compiling it is a third of a second of each cold start.
  return { ...Object.fromEntries(kept), NODE_COMPILE_CACHE: join(folder, '..', 'compile-cache') }
}

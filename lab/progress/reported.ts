import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../write-file-atomic.ts'

/**
 * STATE/reported.json: what has been said once and need not be said with every command, by what it is about.
 *
 *     { "container": "No Docker engine answers at /var/run/docker.sock." }
 */

/**
 * Whether this has not been said yet of `about`, or something else was said last; from now on it has. Where that can't be
 * kept it is said again: that is no reason to fail.
 */
export function isNews(root: string, about: string, text: string, state = join(root, '.lab')): boolean {
  const file = join(state, 'reported.json')
  const reported = read(file)
  if (reported[about] === text) return false
  try {
    mkdirSync(state, { recursive: true })
    writeFileAtomic(file, `${JSON.stringify({ ...reported, [about]: text })}\n`)
  } catch {
    // Said again next time.
  }
  return true
}

function read(file: string): Record<string, string> {
  try {
    // Every command reads this at its start: what checks schemas would take longer to load than all of it.
    const reported: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof reported === 'object' && reported !== null ? { ...reported } : {}
  } catch {
    return {}
  }
}

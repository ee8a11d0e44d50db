import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { LabError } from '../errors.ts'

/** What is done under the lock is done in milliseconds: a lock this old was left by a process that died. */
const STALE_MS = 5_000
const LIMIT_MS = 15_000

/**
 * Does `work` while no other process, and nobody else in this one, does any under the same lock file. The work is
 * synchronous: so the lock is never held across a wait, and a process that is stopped hardly ever leaves one.
 */
export async function locked<T>(lockFile: string, work: () => T, signal?: AbortSignal): Promise<T> {
  const token = `${process.pid} ${randomUUID()}`
  const end = performance.now() + LIMIT_MS
  while (!take(lockFile, token)) {
    if (performance.now() > end) {
      throw new LabError('locked', `${lockFile} has been in place for ${LIMIT_MS / 1000} s.`, {
        advice: 'If no other command of the lab is running, delete that file.',
      })
    }
    removeStale(lockFile)
    await delay(5 + Math.random() * 15, undefined, { signal })
  }
  try {
    return work()
  } finally {
    if (contentOf(lockFile) === token) rmSync(lockFile, { force: true })
  }
}

function take(lockFile: string, token: string): boolean {
  try {
    writeFileSync(lockFile, token, { flag: 'wx' })
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Windows says EPERM while a file of that name is being deleted.
    if (code === 'EEXIST' || code === 'EPERM') return false
    throw error
  }
}

/**
 * Removes a lock that nobody holds any more. Between looking at it and removing it somebody else may have removed it
 * and taken a new one: so it is renamed first, looked at again, and put back if it is another.
 */
function removeStale(lockFile: string): void {
  const seen = contentOf(lockFile)
  if (seen === undefined || !isStale(lockFile)) return
  const aside = `${lockFile}.${randomUUID()}`
  try {
    renameSync(lockFile, aside)
    if (contentOf(aside) !== seen) linkSync(aside, lockFile)
  } catch {
    // Somebody else was faster: the next try sees what they left.
  } finally {
    rmSync(aside, { force: true })
  }
}

function isStale(lockFile: string): boolean {
  try {
    return Date.now() - statSync(lockFile).mtimeMs > STALE_MS
  } catch {
    return false
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from '../../processes.ts'

/**
 * `KEY.json`: where the keeper of a broker is. Mode 0600, because the token opens everything.
 *
 *     { "pid": 4711, "port": 40123, "token": "…", "kind": "container", "since": 1790000000000 }
 *
 * pid    the keeper's process
 * port   where it listens, on 127.0.0.1
 * token  what a client must say first; also the keeper's identity: the keeper in the file is the keeper
 * since  when it was started, in milliseconds since 1970
 */
export interface KeeperAddress {
  pid: number
  port: number
  token: string
  kind: string
  since: number
}

/** @returns undefined where there is no file, or none that makes sense */
export function readAddress(folder: string, key: string): KeeperAddress | undefined {
  try {
    return parse(readFileSync(join(folder, `${key}.json`), 'utf8'))
  } catch {
    return undefined
  }
}

/** `KEY.log`: what the last keeper of this key and its broker have said. */
export function logFile(folder: string, key: string): string {
  return join(folder, `${key}.log`)
}

/** All keepers of a checkout that have a file, dead ones too. */
export function readAddresses(folder: string): { key: string; address: KeeperAddress | undefined }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .map((key) => ({ key, address: readAddress(folder, key) }))
}

/**
 * Registers a keeper where none is. Linking a finished file into place does both at once: readers never see half a
 * file, and of two keepers one fails.
 *
 * @returns whether this keeper is now the one in the file
 */
export function registerAddress(folder: string, key: string, address: KeeperAddress): boolean {
  const beside = join(folder, `.${key}.${address.pid}`)
  writeFileSync(beside, JSON.stringify(address), { mode: 0o600 })
  try {
    linkSync(beside, join(folder, `${key}.json`))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(beside, { force: true })
  }
}

/**
 * Removes the file of a keeper that is dead or leaves, and no other's: between looking and removing, a new keeper
 * may have taken its place. That one is put back; should a third have come in this moment, the keeper that is no
 * longer in the file finds out and leaves.
 */
export function removeAddress(folder: string, key: string, token: string | undefined): void {
  const file = join(folder, `${key}.json`)
  if (readAddress(folder, key)?.token !== token) return
  const aside = join(folder, `.${key}.${process.pid}.removed`)
  try {
    renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const removed = parse(readFileSync(aside, 'utf8'))
  if (removed?.token !== token) {
    try {
      linkSync(aside, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  rmSync(aside, { force: true })
}

/** Removes the files of keepers that were killed, as their keys may never be used again. */
export function removeDead(folder: string): void {
  for (const { key, address } of readAddresses(folder)) {
    if (address === undefined || isAlive(address.pid)) continue
    removeAddress(folder, key, address.token)
    // The log of one that has come meanwhile is its own.
    if (readAddress(folder, key) === undefined) rmSync(logFile(folder, key), { force: true })
  }
}

function parse(text: string): KeeperAddress | undefined {
  let value: Partial<Record<keyof KeeperAddress, unknown>> | null
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { pid, port, token, kind, since } = value ?? {}
  if (typeof pid !== 'number' || typeof port !== 'number' || typeof since !== 'number') return undefined
  if (typeof token !== 'string' || typeof kind !== 'string') return undefined
  return { pid, port, token, kind, since }
}

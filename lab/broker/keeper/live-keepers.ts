import { createHash } from 'node:crypto'
import { readAddresses } from './state-file.ts'

/** The part of a keeper's identity that anyone may see: what it starts is labelled with it. */
export function keeperId(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16)
}

/** The ids of the keepers that are registered in a state folder and alive. */
export function liveKeepers(folder: string): Set<string> {
  return new Set(
    readAddresses(folder).flatMap(({ address }) => (address && isAlive(address.pid) ? [keeperId(address.token)] : [])),
  )
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

import { createHash } from 'node:crypto'
import { isAlive, readAddresses } from './state-file.ts'

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

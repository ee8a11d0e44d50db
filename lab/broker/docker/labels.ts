import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import type { BootOptions } from '../kept-broker.ts'

/** The keeper's process, for the sweep. */
export const PID_LABEL = 'cluster-up.keeper-pid'

/** On every container of the lab: whose it is. `docker ps --filter label=cluster-up.keeper` lists them. */
export function labelsOf(owner: BootOptions['owner']): Record<string, string> {
  return { ...homeLabel(owner.folder), 'cluster-up.keeper': owner.id, [PID_LABEL]: String(process.pid) }
}

/** The state folder that the container's keeper is registered in; several machines may share one Docker engine. */
export function homeLabel(folder: string): Record<string, string> {
  return { 'cluster-up.home': createHash('sha256').update(`${hostname()}:${folder}`).digest('hex').slice(0, 16) }
}

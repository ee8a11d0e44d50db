import { setTimeout as wait } from 'node:timers/promises'
import { isAlive } from '../../processes.ts'
import type { Engine } from './engine.ts'
import { homeLabel, PID_LABEL } from './labels.ts'

/** A container that is being removed is on its network for a moment longer. */
const NETWORK_LIMIT_MS = 10_000

/** Removes this checkout's containers and networks whose keeper is dead: the last net, should a lease ever fail. */
export async function sweepContainers(engine: Engine, folder: string): Promise<void> {
  const home = homeLabel(folder)
  for (const { id, labels } of await engine.containers(home)) if (isOrphan(labels)) await engine.removeContainer(id)
  for (const { id, labels } of await engine.networks(home)) if (isOrphan(labels)) await removeNetwork(engine, id)
}

function isOrphan({ [PID_LABEL]: keeper }: Record<string, string>): boolean {
  return keeper !== undefined && !isAlive(Number(keeper))
}

export async function clearContainers(engine: Engine, labels: Record<string, string>): Promise<void> {
  await Promise.all((await engine.containers(labels)).map(({ id }) => engine.removeContainer(id)))
}

export async function clearNetworks(engine: Engine, labels: Record<string, string>): Promise<void> {
  for (const { id } of await engine.networks(labels)) await removeNetwork(engine, id)
}

async function removeNetwork(engine: Engine, id: string): Promise<void> {
  const until = performance.now() + NETWORK_LIMIT_MS
  while (!(await engine.removeNetwork(id)) && performance.now() < until) await wait(50)
}

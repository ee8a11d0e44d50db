import { isAlive } from '../keeper/state-file.ts'
import type { Engine } from './engine.ts'
import { homeLabel, PID_LABEL } from './labels.ts'

/** Removes this checkout's containers whose keeper is dead: the last net, should a lease ever fail. */
export async function sweepContainers(engine: Engine, folder: string): Promise<void> {
  for (const { id, labels } of await engine.containers(homeLabel(folder))) {
    const keeper = labels[PID_LABEL]
    if (keeper !== undefined && !isAlive(Number(keeper))) await engine.removeContainer(id)
  }
}

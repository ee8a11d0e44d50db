import { liveKeepers } from '../keeper/live-keepers.ts'
import type { Engine } from './engine.ts'
import { homeLabel } from './labels.ts'

/** Removes this checkout's containers whose keeper is dead: the last net, should a lease ever fail. */
export async function sweepContainers(engine: Engine, folder: string): Promise<void> {
  // Containers first: a keeper registers before it creates one, so each of these keepers, if it lives, is found.
  const containers = await engine.containers(homeLabel(folder))
  const living = liveKeepers(folder)
  for (const { id, labels } of containers) {
    if (!living.has(labels['cluster-up.keeper'] ?? '')) await engine.removeContainer(id)
  }
}

import { join } from 'node:path'

/** Where the lab writes the files that an exercise starts as processes; see workers.ts. */
export function workersFolder(lab: string): string {
  return join(lab, '.lab', 'cache', 'workers')
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const DRIVERS = join(import.meta.dirname, 'drivers')

export interface HowToRun {
  /** For an exercise that is no program: makes a service of its function. */
  driver?: string
  /** For one that starts processes: the module that they run; it exports `work(port)`. */
  worker?: string
  /** For one that connects to the nodes of a cluster. */
  nodes?: true
}

/** What a run has several of: workers that the exercise starts, or nodes of its broker. */
export type Several = 'workers' | 'nodes'

/** How the exercise of a lesson is run as a service: undefined where it takes no tasks by itself. `solution` is a path. */
export function howToRun({ name, solution }: { name: string; solution: string }): HowToRun | undefined {
  const driver = join(DRIVERS, `${name}.driver.ts`)
  const worker = join(DRIVERS, `${name}.worker.ts`)
  const forNodes = join(DRIVERS, `${name}.nodes.driver.ts`)
  if (existsSync(forNodes)) return { driver: forNodes, nodes: true }
  if (existsSync(driver)) return { driver, ...(existsSync(worker) && { worker }) }
  return /\bimport\.meta\.main\b/.test(readFileSync(solution, 'utf8')) ? {} : undefined
}

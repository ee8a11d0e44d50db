import { loadCheck } from '../../check/load.ts'
import { ROOT } from '../../root.ts'

/** What the check of a lesson does to its broker. */
export interface Needs {
  restarts: boolean
  atCluster: boolean
}

export async function needsOf(lesson: string): Promise<Needs> {
  const { scenarios } = await loadCheck(lesson, ROOT)
  return {
    restarts: scenarios.some((scenario) => scenario.restarts),
    atCluster: scenarios.some(({ needs }) => needs.includes('cluster')),
  }
}

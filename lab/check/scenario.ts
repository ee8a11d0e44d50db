import type { Need } from './needs.ts'
import type { Stage } from './stage.ts'

/** A play on a stage: it drives, and asserts nothing. What it leaves is a recording. */
export interface Scenario {
  name: string
  /** True for one that restarts the broker: it then takes turns with the others. */
  restarts: boolean
  spelling: 'plain' | 'odd'
  /** What not every machine has; without it the scenario is not judged there. */
  needs: Need[]
  /** How many of the student's processes, with the driver, are started ahead for it. */
  students: number
  /** It takes longer than the others of its check: it is given the first process that is ready. */
  isLong: boolean
  /** Whether the exercise may start processes of its own; they die with the scenario. */
  mayFork: boolean
  play: (stage: Stage) => Promise<void>
}

/**
 * Declares a scenario: nothing is played until an expectation that reads it is wanted.
 *
 *   export const late = scenario('the broker comes up late', async (stage) => { … })
 */
export function scenario(
  name: string,
  play: Scenario['play'],
  options: Partial<Omit<Scenario, 'name' | 'play'>> = {},
): Scenario {
  return {
    restarts: false,
    spelling: 'plain',
    needs: [],
    students: 1,
    isLong: false,
    mayFork: false,
    ...options,
    name,
    play,
  }
}

/** As scenario(), for a lesson whose scenarios differ from others in the same way. */
export function scenarioWith(defaults: Parameters<typeof scenario>[2]): typeof scenario {
  return (name, play, options) => scenario(name, play, { ...defaults, ...options })
}

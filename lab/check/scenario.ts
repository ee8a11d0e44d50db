import type { Judge, Misconception } from './judge.ts'
import type { Need } from './needs.ts'
import type { Stage } from './stage.ts'

export interface Scenario {
  name: string
  /** True for one that restarts the broker: it then takes turns with the others. */
  restarts: boolean
  spelling: 'plain' | 'odd'
  /** What not every machine has; without it the scenario is not judged there. */
  needs: Need[]
  /** How many of the student's processes, with the driver, are started ahead for it. */
  students: number
  /** Whether the exercise may start processes of its own. */
  mayFork: boolean
  play: (stage: Stage) => Promise<void>
}

export interface Expectation {
  title: string
  /** The scenarios whose recordings it judges. */
  reads: Scenario[]
  judge: Judge
  step: number
  stepTitle: string
}

/** What a check file has when it has been loaded. */
export interface Declared {
  lesson: string
  misconceptions: Record<string, string | Misconception>
  scenarios: Scenario[]
  expectations: Expectation[]
}

/**
 * Who loads a check file. It is loaded twice: by the player, which plays its scenarios, and by a worker of vitest, in
 * which each expectation is a test that judges what the player recorded.
 */
export interface Host {
  begins(declared: Declared): void
  /** `fill` declares the step's expectations. */
  step(title: string, fill: () => void): void
  expectation(expectation: Expectation): void
}

/** Whether a scenario's recording is asked for: by one of the expectations in `only`, where there are such. */
export function isWanted(scenario: Scenario, { expectations }: Declared, only: string[]): boolean {
  return expectations.some(
    ({ title, reads }) => (only.length === 0 || only.includes(title)) && reads.includes(scenario),
  )
}

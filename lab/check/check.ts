import type { Scenario } from './scenario.ts'
import { first, type Judge } from './shortfall.ts'

/** A lesson's check: what is expected of its exercise, as plain data. It is the default export of checks/NN-slug/check.ts. */
export interface Check {
  lesson: string
  /** Those that the expectations read, each once, in the order in which they are first read. */
  scenarios: Scenario[]
  expectations: Expectation[]
}

export interface Expectation {
  /** A sentence about the student's service. */
  title: string
  /** The scenarios whose recordings it judges. */
  reads: Scenario[]
  judge: Judge
  /** From 1. */
  step: number
  stepTitle: string
}

type Unnumbered = Pick<Expectation, 'title' | 'reads' | 'judge'>

interface Step {
  title: string
  expectations: Unnumbered[]
}

/**
 * A lesson's check, a vitest file:
 *
 *   export default check('02-retrying-connection', [
 *     step('It keeps trying', expectation('connects once the broker answers', late, (recording) => { … })),
 *   ])
 *
 * The scenarios that the wanted expectations read are played side by side, each once.
 */
export function check(lesson: string, steps: Step[]): Check {
  const expectations = steps.flatMap(({ title: stepTitle, expectations }, i) =>
    expectations.map((expectation) => ({ ...expectation, step: i + 1, stepTitle })),
  )
  const scenarios = [...new Set(expectations.flatMap(({ reads }) => reads))].toSorted(
    (one, other) => Number(other.isLong) - Number(one.isLong),
  )
  return { lesson, scenarios, expectations }
}

/** Expectations that belong together, from the core of the idea to what production needs. */
export function step(title: string, ...expectations: Unnumbered[]): Step {
  return { title, expectations }
}

/** Judges the recordings of the scenarios that it reads: the first judge that finds a shortfall counts. */
export function expectation(title: string, reads: Scenario | Scenario[], ...judges: Judge[]): Unnumbered {
  return { title, reads: [reads].flat(), judge: (...recordings) => first(judges, (judge) => judge(...recordings)) }
}

/** Whether a scenario's recording is asked for: by one of the expectations in `only`, where there are such. */
export function isWanted(scenario: Scenario, { expectations }: Check, only: string[]): boolean {
  return expectations.some(
    ({ title, reads }) => (only.length === 0 || only.includes(title)) && reads.includes(scenario),
  )
}

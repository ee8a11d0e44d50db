import { hostOfReader } from './declared.ts'
import type { Judge, Misconception } from './judge.ts'
import type { Declared, Scenario } from './scenario.ts'

export type { RecordedEvent, Recording, ToldEvent } from '../recording/recording.ts'
export * from './ask.ts'
export { findings, reached, type Shortfall } from './judge.ts'
export type { Stage } from './stage.ts'

// vitest loads only inside vitest; who reads a check elsewhere, as the player does, has no use for it.
const host = hostOfReader() ?? (await import('./in-vitest.ts')).host

/**
 * Begins a lesson's check, a vitest file:
 *
 *   const { scenario, step, expectation } = check('02-retrying-connection', { misconceptions })
 *   const late = scenario('the broker comes up late', async (stage) => { … })      // drives, asserts nothing
 *   step('It keeps trying', () => {
 *     expectation('connects once the broker answers', late, (recording) => { … })  // only reads
 *   })
 *
 * The scenarios that the wanted expectations read are played side by side, each once.
 *
 * @param misconceptions by ID: the sentence that tells a student what it looks like, and the part of the lesson to read
 * @param runs how its scenarios run the exercise, most of the time: called by the driver, or as a program
 * @param mayFork whether the exercise may start processes of its own; they die with the scenario
 */
export function check(
  lesson: string,
  {
    misconceptions,
    runs = 'driver',
    mayFork = false,
  }: { misconceptions: Record<string, string | Misconception>; runs?: 'driver' | 'program'; mayFork?: boolean },
) {
  const declared: Declared = { lesson, misconceptions, scenarios: [], expectations: [] }
  let steps = 0
  let inStep: { step: number; stepTitle: string } | undefined
  host.begins(declared)

  function scenario(name: string, play: Scenario['play'], options: Partial<Scenario> = {}): Scenario {
    const students = runs === 'driver' ? 1 : 0
    const made: Scenario = { restarts: false, spelling: 'plain', needs: [], students, mayFork, ...options, name, play }
    declared.scenarios.push(made)
    return made
  }

  function step(stepTitle: string, fill: () => void): void {
    const about = { step: ++steps, stepTitle }
    host.step(stepTitle, () => {
      inStep = about
      fill()
      inStep = undefined
    })
  }

  function expectation(title: string, read: Scenario | Scenario[], judge: Judge): void {
    if (!inStep) throw new Error(`The expectation '${title}' stands in no step.`)
    const made = { title, reads: Array.isArray(read) ? read : [read], judge, ...inStep }
    declared.expectations.push(made)
    host.expectation(made)
  }

  return { scenario, step, expectation }
}

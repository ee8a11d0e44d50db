import type { Observation } from './notebook.ts'
import { type Ground, type Scenario, Stage } from './stage.ts'

/** A scenario takes milliseconds; only restarts of RabbitMQ take seconds. */
const LONGEST_MS = 40_000

/** Few enough for a machine with two cores. */
const SIDE_BY_SIDE = 8

/** Plays scenarios on a broker, several at a time, and those with restarts last: they share theirs. */
export async function playAll(ground: Ground, scenarios: readonly Scenario[]): Promise<Map<string, Observation>> {
  const seen = new Map<string, Observation>()
  const play = async (scenario: Scenario) => void seen.set(scenario.title, await playOne(ground, scenario))
  const waiting = scenarios.filter(({ restarts }) => !restarts)
  const work = async () => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) await play(scenario)
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work))
  await Promise.all(scenarios.filter(({ restarts }) => restarts).map(play))
  return seen
}

/** A scenario that could not be played to its end says why, as the last of what was observed. */
export async function playOne(ground: Ground, { restarts, play }: Scenario): Promise<Observation> {
  await using turn = restarts ? await ground.turn() : undefined
  await using vhost = await ground.openVhost()
  const stage = new Stage(ground, vhost, turn)
  let failure: unknown
  await within(LONGEST_MS, play(stage)).catch((error: unknown) => {
    failure = error
  })
  const observation = await stage.end()
  return failure === undefined ? observation : { ...observation, [FAILED]: [String(failure)] }
}

async function within(limitMs: number, playing: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`it was not over after ${limitMs} ms`)), limitMs)
  await Promise.race([playing, promise]).finally(() => clearTimeout(timer))
}

export const FAILED = 'not played to its end'

import { afterAll, beforeAll, describe, inject, test } from 'vitest'
import type { Broker } from '../broker/broker.ts'
import { openBroker } from '../broker/choose.ts'
import type { Recording } from '../recording/recording.ts'
import type { ExpectationMeta } from './config.ts'
import { type Judge, judgement } from './judge.ts'
import { cantBePlayed } from './needs.ts'
import { keep, kept, play, type Scenario } from './play.ts'

export type { RecordedEvent, Recording } from '../recording/recording.ts'
export * from './ask.ts'
export { findings, reached, type Shortfall } from './judge.ts'
export type { Stage } from './stage.ts'

/** No test has a time limit of its own that a slow machine could meet: each wait in a scenario has. */
const TEST_LIMIT_MS = 300_000

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
 * @param misconceptions by ID: the sentence that tells a student what it looks like
 */
export function check(lesson: string, { misconceptions }: { misconceptions: Record<string, string> }) {
  const config = inject('check')
  const expectations: { title: string; scenarios: Scenario[] }[] = []
  const declared: Scenario[] = []
  const recordings = new Map<Scenario, Promise<Recording>>()
  const ending = new AbortController()
  let broker: Promise<Broker> | undefined
  let steps = 0
  let inStep: { step: number; stepTitle: string } | undefined

  function scenario(name: string, play: Scenario['play'], options: Partial<Scenario> = {}): Scenario {
    const made: Scenario = { restarts: false, spelling: 'plain', needs: [], ...options, name, play }
    declared.push(made)
    return made
  }

  async function record(wanted: Scenario): Promise<Recording> {
    if (config.from !== null) return kept(config.from, lesson, wanted.name)
    if (config.broker === null) throw new Error('There is neither a broker nor a recording.')
    const { kind, key } = config.broker
    broker ??= openBroker({ kind, ...(key === undefined ? {} : { key }) })
    const recording = await play(wanted, { broker: await broker, lesson, config, signal: ending.signal })
    if (config.record !== null) keep(config.record, recording)
    return recording
  }

  function recordingOf(wanted: Scenario): Promise<Recording> {
    let recording = recordings.get(wanted)
    if (!recording) {
      recording = record(wanted)
      // Every expectation that reads it sees the error; until one does, it must not end the worker.
      recording.catch(() => {})
      recordings.set(wanted, recording)
    }
    return recording
  }

  function wanted(scenarios: Scenario[]): boolean {
    if (config.only.length === 0) return true
    const played = new Set(
      expectations.filter(({ title }) => config.only.includes(title)).flatMap((one) => one.scenarios),
    )
    return scenarios.every((one) => played.has(one))
  }

  function step(stepTitle: string, fill: () => void): void {
    const step = ++steps
    // vitest calls what is in a describe later: when it collects it.
    describe(stepTitle, () => {
      inStep = { step, stepTitle }
      fill()
      inStep = undefined
    })
  }

  function expectation(title: string, read: Scenario | Scenario[], judge: Judge): void {
    if (!inStep) throw new Error(`The expectation '${title}' stands in no step.`)
    const about = inStep
    const scenarios = Array.isArray(read) ? read : [read]
    expectations.push({ title, scenarios })
    test(title, { timeout: TEST_LIMIT_MS }, async ({ task, skip }) => {
      if (!wanted(scenarios)) return skip()
      const reason = config.from === null ? scenarios.map(cantBePlayed).find((why) => why !== undefined) : undefined
      if (reason !== undefined) {
        task.meta.expectation = { ...about, verdict: 'not-judged', message: reason }
        return skip(reason)
      }
      const recordings = await Promise.all(scenarios.map(recordingOf))
      const meta: ExpectationMeta = { ...about, ...judgement(recordings, judge, misconceptions) }
      task.meta.expectation = meta
      if (meta.verdict !== 'passed') throw new Error(meta.message ?? meta.verdict)
    })
  }

  // All expectations are known by the time this runs.
  beforeAll(() => {
    const read = new Set(
      expectations.filter(({ scenarios }) => wanted(scenarios)).flatMap(({ scenarios }) => scenarios),
    )
    // In the order in which they are written: the longest stands first.
    for (const one of declared) if (read.has(one) && cantBePlayed(one) === undefined) void recordingOf(one)
  })
  afterAll(async () => {
    ending.abort()
    await Promise.allSettled(recordings.values())
    await (await broker?.catch(() => undefined))?.[Symbol.asyncDispose]()
  }, TEST_LIMIT_MS)

  return { scenario, step, expectation }
}

import { describe, inject, test } from 'vitest'
import type { Recording } from '../recording/recording.ts'
import { workersOf } from '../recording/workers.ts'
import type { Played } from '../report/report.ts'
import { traceRows } from '../report/trace.ts'
import type { ExpectationMeta } from './config.ts'
import { judgement } from './judge.ts'
import { kept } from './kept.ts'
import { cantBePlayed } from './needs.ts'
import { askForRecording } from './recordings.ts'
import { type Declared, type Host, isWanted, type Scenario } from './scenario.ts'

/** No test has a time limit of its own that a slow machine could meet: each wait in a scenario has. */
const TEST_LIMIT_MS = 300_000

let declared: Declared | undefined
/** Each is asked for once, however many expectations read it. */
const asked = new WeakMap<Scenario, Promise<Recording>>()

/** In a worker of vitest: every expectation is a test, and asks for the recordings that it judges. */
export const host: Host = {
  begins(check) {
    declared = check
  },

  step: (title, fill) => describe(title, fill),

  expectation({ title, reads, judge, step, stepTitle }) {
    const about = { step, stepTitle }
    const check = declared as Declared
    test(title, { timeout: TEST_LIMIT_MS }, async ({ task, skip }) => {
      const config = inject('check')
      const scenarios = reads.map(({ name }) => name)
      if (!reads.every((one) => isWanted(one, check, config.only))) return skip()
      const reason = config.from === null ? reads.map(cantBePlayed).find((why) => why !== undefined) : undefined
      if (reason !== undefined) {
        task.meta.expectation = { ...about, scenarios, verdict: 'not-judged', message: reason }
        return skip(reason)
      }
      const read = await Promise.all(reads.map((one) => recordingOf(check, one)))
      const { notPlayed } = read.find((recording) => recording.notPlayed !== undefined) ?? {}
      if (notPlayed !== undefined) {
        task.meta.expectation = { ...about, scenarios, verdict: 'not-judged', message: notPlayed }
        return skip(notPlayed)
      }
      const meta: ExpectationMeta = { ...about, scenarios, ...judgement(read, judge, check.misconceptions) }
      if (config.verbose && meta.verdict === 'failed') meta.everything = read.map(played)
      task.meta.expectation = meta
      if (meta.verdict !== 'passed') throw new Error(meta.message ?? meta.verdict)
    })
  },
}

/** All that happened, as rows of a trace. */
function played(recording: Recording): Played {
  const { scenario, events } = recording
  const several = events.some((event) => 'student' in event && event.student > 1)
  return { scenario, trace: traceRows(events, undefined, several ? workersOf(recording) : undefined) }
}

function recordingOf({ lesson }: Declared, scenario: Scenario): Promise<Recording> {
  const { from, recordings } = inject('check')
  const { name } = scenario
  const recording =
    asked.get(scenario) ??
    (from === null
      ? askForRecording(recordings, { lesson, scenario: name })
      : Promise.resolve().then(() => kept(from, lesson, name)))
  asked.set(scenario, recording)
  return recording
}

import { describe, inject, TestRunner, test } from 'vitest'
import type { Recording } from '../recording/recording.ts'
import { severalWorkersOf } from '../recording/workers.ts'
import type { Played } from '../report/report.ts'
import { traceRows } from '../report/trace.ts'
import { ROOT } from '../root.ts'
import type { Check } from './check.ts'
import { judgeExpectation } from './judge.ts'
import { kept } from './kept.ts'
import { misconceptionsOf } from './misconceptions.ts'
import { askForRecording } from './recordings.ts'

/** No test has a time limit of its own that a slow machine could meet: the check has (time-limit.ts). */
const TEST_LIMIT_MS = 3600_000

/** In a worker of vitest: makes a test of each expectation of the check that a file has as its default export. */
export default class CheckRunner extends TestRunner {
  override async importFile(path: string, source: 'collect' | 'setup'): Promise<void> {
    const module = (await super.importFile(path, source)) as { default: Check }
    if (source === 'collect') makeTests(module.default)
  }
}

function makeTests(check: Check): void {
  const { only, from, verbose } = inject('check')
  const judging = {
    check,
    misconceptions: misconceptionsOf(check.lesson, ROOT),
    only,
    isKept: from !== null,
    recordingOf: recordingsOf(check.lesson),
  }
  for (const [stepTitle, expectations] of Map.groupBy(check.expectations, ({ stepTitle }) => stepTitle)) {
    describe(stepTitle, () => {
      for (const expectation of expectations) {
        test(expectation.title, { timeout: TEST_LIMIT_MS }, async ({ task, skip }) => {
          const judged = await judgeExpectation(expectation, judging)
          if (judged === undefined) return skip()
          const { meta, recordings } = judged
          if (verbose && meta.verdict === 'failed') meta.everything = recordings.map(played)
          task.meta.expectation = meta
          if (meta.verdict === 'not-judged') return skip(meta.message)
          if (meta.verdict !== 'passed') throw new Error(meta.message ?? meta.verdict)
        })
      }
    })
  }
}

/** All that happened, as rows of a trace. */
function played(recording: Recording): Played {
  const { scenario, events } = recording
  return { scenario, trace: traceRows(events, undefined, severalWorkersOf(recording)) }
}

/** Asks for each recording once, however many expectations read it. */
function recordingsOf(lesson: string): (scenario: string) => Promise<Recording> {
  const { from, recordings } = inject('check')
  const asked = new Map<string, Promise<Recording>>()
  return (scenario) => {
    const recording =
      asked.get(scenario) ??
      (from === null
        ? askForRecording(recordings, { lesson, scenario })
        : Promise.resolve().then(() => kept(from, lesson, scenario)))
    asked.set(scenario, recording)
    return recording
  }
}

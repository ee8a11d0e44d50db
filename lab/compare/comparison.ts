import type { Recording } from '../recording/recording.ts'
import { readable } from '../report/readable.ts'
import type { CheckReport, ExpectationReport, LessonReport } from '../report/report.ts'
import { visible } from '../text/visible.ts'
import { type CodeRow, compareCode } from './code.ts'
import { type ComparedScenario, compareTraces } from './trace.ts'

/** An exercise or the solution: the file as people read its path, what is in it, and what the check found. */
export interface Side {
  file: string
  source: string
  report: LessonReport
}

/** Everything that is shown of a student's exercise beside the solution, as text or as a page. */
export interface Comparison {
  /** '02 Keep trying'. */
  heading: string
  broker: CheckReport['broker']
  yours: Side
  solution: Side
  code: CodeRow[]
  /** The first expectation that the student's falls short of, and the traces that it read. */
  short?: { expectation: ExpectationReport; scenarios: ComparedScenario[] }
  /** What can be stepped through: the scenarios of what falls short, or else all that are not too long for a page. */
  seen: SeenScenario[]
  /** Where the expectations are decided in the student's recordings, by their titles. */
  decided?: Decisions
  /** The solution's notes, in Markdown. */
  notes?: string
}

/** Both recordings of a scenario; one of them may be missing. */
export interface SeenScenario {
  name: string
  yours: Recording | undefined
  solution: Recording | undefined
}

type Decisions = ReadonlyMap<string, { scenario: string; place: number }[]>

export interface Found {
  heading: string
  broker: CheckReport['broker']
  yours: Side
  solution: Side
  notes: string | undefined
  /** The recording of a scenario; undefined where there is none. */
  recordingOf: (whose: 'yours' | 'solution', scenario: string) => Recording | undefined
  decided?: Decisions
}

/** More events than this, of one recording, are looked at only where something falls short in them. */
const MOST_EVENTS = 5_000

export function compareBoth({ notes, recordingOf, ...found }: Found): Comparison {
  const yours = shown(found.yours)
  const expectation = yours.report.expectations.find(({ verdict }) => verdict === 'failed')
  const scenarios = (expectation?.scenarios ?? []).map((name) =>
    compareTraces(name, recordingOf('yours', name), recordingOf('solution', name)),
  )
  return {
    ...found,
    seen: seenOf(yours.report, expectation, recordingOf),
    yours,
    solution: shown(found.solution),
    code: compareCode(yours.source, found.solution.source),
    ...(expectation ? { short: { expectation, scenarios } } : {}),
    ...(notes === undefined ? {} : { notes }),
  }
}

function seenOf(
  { expectations }: LessonReport,
  short: ExpectationReport | undefined,
  recordingOf: Found['recordingOf'],
): SeenScenario[] {
  const names = short?.scenarios ?? [...new Set(expectations.flatMap(({ scenarios = [] }) => scenarios))]
  const both = names.map((name) => ({
    name,
    yours: recordingOf('yours', name),
    solution: recordingOf('solution', name),
  }))
  return both.filter(({ yours, solution }) => {
    const events = Math.max(yours?.events.length ?? 0, solution?.events.length ?? 0)
    return events > 0 && (short !== undefined || events <= MOST_EVENTS)
  })
}

/** The source stays as it is: it is made visible line by line, with what differs marked. */
function shown({ file, source, report }: Side): Side {
  return { file: visible(file), source, report: readable(report) }
}

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
  /** The solution's notes, in Markdown. */
  notes?: string
}

export interface Found {
  heading: string
  broker: CheckReport['broker']
  yours: Side
  solution: Side
  notes: string | undefined
  /** The recording of a scenario; undefined where there is none. */
  recordingOf: (whose: 'yours' | 'solution', scenario: string) => Recording | undefined
}

export function compareBoth({ notes, recordingOf, ...found }: Found): Comparison {
  const yours = shown(found.yours)
  const expectation = yours.report.expectations.find(({ verdict }) => verdict === 'failed')
  const scenarios = (expectation?.scenarios ?? []).map((name) =>
    compareTraces(name, recordingOf('yours', name), recordingOf('solution', name)),
  )
  return {
    ...found,
    yours,
    solution: shown(found.solution),
    code: compareCode(yours.source, found.solution.source),
    ...(expectation ? { short: { expectation, scenarios } } : {}),
    ...(notes === undefined ? {} : { notes }),
  }
}

/** The source stays as it is: it is made visible line by line, with what differs marked. */
function shown({ file, source, report }: Side): Side {
  return { file: visible(file), source, report: readable(report) }
}

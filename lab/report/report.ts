/** What a check found, in the words of the contract. `check --json` prints exactly this. */

export type Verdict = 'passed' | 'failed' | 'not-judged' | 'error'

/** One frame or other event of a trace. */
export interface TraceRow {
  ms: number
  /** 'student', 'broker', or 'lab' for what the lab did. */
  from: 'student' | 'broker' | 'lab'
  connection: number
  channel: number
  method: string
  fields: Record<string, unknown>
  /** Which of the student's processes it is about, from 1; only where the scenario has several. */
  worker?: number
  /** Said beside the row: why it matters, or what should have come in its place. */
  note?: string
  /** The row that shows the mistake. */
  wrong?: true
}

/** A line of the student's own file. */
export interface Place {
  /** Seen from the exercise's folder: 'exercise.ts'. */
  file: string
  line: number
  text: string
}

/** What a refusal or an error means, in plain language. */
export interface Explanation {
  /** The word by which it is known: '406 PRECONDITION_FAILED', 'ECONNREFUSED'. */
  what: string
  means: string
}

export interface ExpectationReport {
  step: number
  title: string
  /** not-reached: what it is about never came to pass, because something before it failed. That is never a tick. */
  verdict: Verdict | 'not-reached'
  durationMs?: number
  /** What was seen, in plain English; only where it did not pass. */
  message?: string
  /** The message without what it looks like; only where that is part of the message. */
  seen?: string
  /** The stable ID of the misconception that it looks like. */
  misconception?: string
  /** The title of the expectation that failed before it, in the same scenario or in the same way: this may follow from that. */
  follows?: string
  /** The line that did what the trace marks; only where that is certain. */
  at?: Place
  /** The refusals and errors that come up in it, in plain language; each once. */
  explained?: Explanation[]
  /** The heading in lesson.md under which it is explained. */
  read?: string
  /** Where that heading stands: 'lessons/NN-slug/lesson.md, line 12'. */
  readAt?: string
  /** How to get a hint: the command. */
  hint?: string
  /** The few events that show it. */
  trace?: TraceRow[]
  /** All that happened in those scenarios; only where it was asked for. */
  everything?: Played[]
  /** Names of the scenarios whose recordings it read. */
  scenarios?: string[]
  /** Those of them that were cut off, as the check's time was up: that is why it is not judged. */
  cutOff?: string[]
}

/** A scenario, and all that happened in it. */
export interface Played {
  scenario: string
  trace: TraceRow[]
}

export interface StepReport {
  step: number
  title: string
}

export interface LessonReport {
  lesson: string
  verdict: Verdict
  /** True when every expectation of step 1 passed. */
  working: boolean
  durationMs: number
  /** Earlier lessons whose solution stood in for the tree's own file. */
  solutionsUsed: string[]
  /** The exercise's file, as given. */
  file?: string
  steps?: StepReport[]
  expectations: ExpectationReport[]
  /** Why it is 'not-judged' or 'error'; or what kept the exercise from being run at all. */
  reason?: string
  /** TypeScript's complaints about the file: advice, never part of the verdict. */
  advice?: string[]
  /** The last lines that the student's process printed in the scenario that fell short first. */
  output?: string[]
  /** Only where it was played again and again. The rest then sums the plays up: what failed in one of them has failed. */
  times?: LessonTimes
}

/** What became of the plays of a lesson. Those that neither passed nor failed could not be judged. */
export interface LessonTimes {
  played: number
  passed: number
  failed: number
}

export interface CheckReport {
  broker: { kind: string; product: string; version: string } | null
  lessons: LessonReport[]
  /** Names of the lessons that `--all` left out, because the student has not begun them. */
  notBegun?: string[]
  times?: TimesReport
}

/** What became of all plays, where lessons were played again and again. */
export interface TimesReport extends LessonTimes {
  /** How many plays there should have been. */
  wanted: number
  durationMs: number
  /** What the timings came from: the first play's seed, and one more for each further one. null: nothing was played. */
  seed: number | null
  /** What failed in one play or more, in the order of the check. */
  expectations: FailedSometimes[]
  /** Where the recordings of the plays that failed are kept; null where none has failed. */
  recordings: string | null
  /** The plays that are kept there, those with the fewest events first. */
  kept: KeptPlay[]
}

/** A play that failed, and can be judged again. */
export interface KeptPlay {
  lesson: string
  /** How many events its scenarios have that fell short. */
  events: number
  folder: string
}

/** An expectation that failed in some plays, or in all. */
export interface FailedSometimes
  extends Pick<ExpectationReport, 'step' | 'title' | 'message' | 'misconception' | 'follows'> {
  lesson: string
  /** In how many plays. What was seen is that of the one with the fewest events. */
  failed: number
}

/** What a check found of one lesson, and on which broker. */
export interface Judged {
  report: LessonReport
  broker: CheckReport['broker']
}

/**
 * 0 all passed; 1 one failed; 2 none failed, but one was not judged or there was an error. No lesson at all is an error, and
 * a play that was wanted and not played was not judged; nor was a lesson that has not been begun.
 */
export function exitCode(report: CheckReport): 0 | 1 | 2 {
  if (report.lessons.some((lesson) => lesson.verdict === 'failed')) return 1
  const all = report.lessons.length > 0 && report.lessons.every((lesson) => lesson.verdict === 'passed')
  const { times, notBegun = [] } = report
  return all && notBegun.length === 0 && (times === undefined || times.played === times.wanted) ? 0 : 2
}

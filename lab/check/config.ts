import type { Explanation, Place, Played, TraceRow } from '../report/report.ts'
import type { FoundSandbox } from '../sandbox/found.ts'
import type { Command } from '../student/launch.ts'

/** What the scenarios of a check are played with. */
export interface PlayConfig {
  /** The lab's root folder. */
  root: string
  /** The folder with one NN-slug/exercise.ts per lesson. */
  tree: string
  /** Other places of single exercises, by lesson: a mistake, a variant. */
  files: Record<string, string>
  /** True for a submission: earlier lessons come from the solutions. */
  solutionsOnly: boolean
  /** Lesson name to the exports of the contract. */
  exports: Record<string, string[]>
  /** Play only what these expectations read. Empty: all. */
  only: string[]
  /** Keep the recordings here. */
  record: string | null
  /** How long a check may take as a whole; by default see time-limit.ts. */
  limitMs?: number | undefined
  /** What the lab's own moments vary by; null: they don't. */
  seed: number | null
  /** Run this wherever the exercise is run as a program; what imports the exercise is then not played. */
  program?: Command | null
  /** What the exercise runs in; null: a process of the lab's own user. */
  sandbox?: FoundSandbox | null
}

/** What the lab hands to the check files in vitest's workers (vitest's provide and inject). */
export interface CheckConfig {
  /** Judge only the expectations that the scenarios of these ones allow. Empty: all. */
  only: string[]
  /** Judge the recordings that are kept here; null where they are played now. */
  from: string | null
  /** Hand over all that happened in the scenarios of what fell short. */
  verbose: boolean
  /** Where the recordings are asked for; see recordings.ts. */
  recordings: string
}

declare module 'vitest' {
  interface ProvidedContext {
    check: CheckConfig
  }
  interface TaskMeta {
    expectation?: ExpectationMeta
  }
}

/** What an expectation leaves for the reporter, as plain data. */
export interface ExpectationMeta {
  step: number
  stepTitle: string
  /** Names of the scenarios that were cut off when the check's time was up: only where that is why it is not judged. */
  cutOff?: string[]
  verdict: 'passed' | 'failed' | 'not-judged' | 'error'
  /** It failed because the scenario never came to what it is about: why, in a few words. */
  notReached?: import('./shortfall.ts').NotReached
  /** The moment that decides it, where it failed: of which scenario, and when. */
  decidedAt?: { scenario: string; ms: number }
  /** Names of the scenarios whose recordings it reads. */
  scenarios?: string[]
  message?: string
  /** The message without what it looks like. */
  seen?: string
  at?: Place
  explained?: Explanation[]
  misconception?: string
  /** The heading of the lesson that explains it. */
  read?: string
  trace?: TraceRow[]
  everything?: Played[]
  output?: string[]
  solutionsUsed?: string[]
  broker?: { kind: string; product: string; version: string }
}

import { performance } from 'node:perf_hooks'
import type { Session } from '../../check/session.ts'
import type { Judgement } from '../../grade/record.ts'
import type { Recording } from '../../recording/recording.ts'
import type { LessonReport } from '../../report/report.ts'
import type { ClassBrokers } from './class-brokers.ts'
import { seenOf } from './seen.ts'

/** What has not ended by then hangs, and is ended by force: so many times what a check may take. */
const HANGS_AFTER = 5
const LONGEST_CHECK_MS = 240_000

/** A lesson of a submission that waits to be judged. */
export interface Task {
  id: string
  lesson: string
  /** The submission's folder, in the shape of a tree. */
  tree: string
  restarts: boolean
  atCluster: boolean
}

/** What plays and judges a check. */
export type Judges = Pick<Session, 'check' | typeof Symbol.asyncDispose>

export interface JudgeOne {
  brokers: Pick<ClassBrokers, 'lend'>
  /** What the code runs in, as reports say it. */
  sandbox: string
  /** How long a check may take, in milliseconds; by default as long as for a student. */
  limitMs: number | undefined
  signal: AbortSignal
}

/**
 * Plays and judges one check. What the lab itself fails at is an 'error', and its session is not used again. Undefined
 * where the signal ended it.
 */
export async function judgeOne(
  { lesson, tree, restarts }: Pick<Task, 'lesson' | 'tree' | 'restarts'>,
  lanes: Lanes,
  { brokers, limitMs, signal, sandbox }: JudgeOne,
): Promise<Judgement | undefined> {
  if (signal.aborted) return undefined
  const began = performance.now()
  const hangs = AbortSignal.timeout(HANGS_AFTER * (limitMs ?? LONGEST_CHECK_MS))
  const at = new Date().toISOString()
  const session = lanes.take()
  const recordings = new Map<string, Recording>()
  try {
    await using on = await brokers.lend(restarts)
    const report = await session.check({
      lessons: [lesson],
      tree,
      on: on.broker,
      directly: true,
      onJudged(_title, { recordings: judgedBy }) {
        for (const recording of judgedBy) recordings.set(recording.scenario, recording)
      },
      ...(limitMs === undefined ? {} : { limitMs }),
      signal: AbortSignal.any([signal, hangs]),
    })
    // A check that was ended in the middle says nothing.
    if (signal.aborted) return undefined
    const [found] = report.lessons
    if (found === undefined) throw new Error(`The check of ${lesson} left no report.`)
    if (found.verdict === 'error') await lanes.drop(session)
    else lanes.giveBack(session)
    const judgement = { report: found, broker: report.broker, sandbox, at }
    if (found.verdict !== 'failed') return judgement
    // The verdict stands, also where what was recorded can't be shown.
    const seen = await seenOf(found, recordings).catch(() => undefined)
    return { ...judgement, seen }
  } catch (error) {
    await lanes.drop(session)
    if (signal.aborted) return undefined
    const reason = hangs.aborted ? "The check didn't finish." : `The lab couldn't judge it: ${told(error)}`
    const durationMs = Math.round(performance.now() - began)
    return { report: errorReport(lesson, reason, durationMs), broker: null, sandbox, at }
  }
}

/** The report of a lesson that the lab itself could not judge. */
export function errorReport(lesson: string, reason: string, durationMs: number): LessonReport {
  return { lesson, verdict: 'error', working: false, durationMs, solutionsUsed: [], expectations: [], reason }
}

function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Sessions that wait for their next check, each with a player of its own. */
export class Lanes implements AsyncDisposable {
  readonly #free: Judges[] = []
  readonly #all = new Set<Judges>()
  readonly #open: () => Judges

  constructor(open: () => Judges) {
    this.#open = open
  }

  take(): Judges {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const session = this.#open()
    this.#all.add(session)
    return session
  }

  giveBack(session: Judges): void {
    this.#free.push(session)
  }

  async drop(session: Judges): Promise<void> {
    this.#all.delete(session)
    await session[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((session) => session[Symbol.asyncDispose]()))
  }
}

import { performance } from 'node:perf_hooks'
import type { Session } from '../../check/session.ts'
import { isByTimeLimit } from '../../grade/by-time-limit.ts'
import type { Judgement } from '../../grade/record.ts'
import { type SideBySide, sideBySide } from '../side-by-side.ts'
import type { ClassBrokers } from './class-brokers.ts'

const SIDE_BY_SIDE: SideBySide = { least: 2, most: 8 }
/** Where the broker is restarted most of the time is waiting, and one restart serves all who wait for one. */
const RESTARTING: SideBySide = { least: 2, most: 8 }
const ALONE: SideBySide = { least: 1, most: 1 }
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

export interface JudgeClass {
  brokers: Pick<ClassBrokers, 'isShared' | 'lend'>
  /** A new session, which has no broker of its own. */
  open(): Judges
  /** What the code runs in, as reports say it. */
  sandbox: string
  /** How long a check may take, in milliseconds; by default as long as for a student. */
  limitMs: number | undefined
  signal: AbortSignal
  /** Called with each judgement as soon as it is there; `earlier` says why it is not the first. */
  onJudged(task: Task, judgement: Judgement, why?: 'time-limit' | 'error'): void
  onBegun(task: Task): void
  onEnded(task: Task): void
}

/**
 * Judges lessons of submissions side by side, as many as the machine has room for. Each is played by a process that plays
 * nothing else meanwhile: what hangs or crashes harms nobody else.
 *
 *   tasks ──▶ side by side ──▶ fell short by a time limit ──▶ again, alone, when the rest is done
 *                   └── the lab itself failed ──▶ again at once, in a new process; then it is an 'error'
 */
export async function judgeClass(tasks: Task[], judging: JudgeClass): Promise<void> {
  const { signal, brokers } = judging
  const again: Task[] = []
  await using lanes = new Lanes(judging.open)
  const left = tasks.filter(({ atCluster }) => !atCluster)
  const atCluster = tasks.filter((task) => task.atCluster)
  const restarting = left.filter(({ restarts }) => restarts)
  const others = left.filter(({ restarts }) => !restarts)
  const stop = () => {
    for (const queue of [atCluster, restarting, others, again]) queue.splice(0)
  }
  signal.addEventListener('abort', stop, { once: true })
  const one = async (task: Task) => {
    judging.onBegun(task)
    const judgement = await judged(task, lanes, judging)
    if (judgement !== undefined && isByTimeLimit(judgement.report)) again.push(task)
    judging.onEnded(task)
  }
  if (brokers.isShared) {
    await Promise.all([
      sideBySide(ALONE, [atCluster], one),
      sideBySide(RESTARTING, [restarting, others], one),
      sideBySide(SIDE_BY_SIDE, [others, restarting], one),
    ])
  } else {
    await Promise.all([
      sideBySide(ALONE, [atCluster], one),
      sideBySide({ least: SIDE_BY_SIDE.least, most: 2 * SIDE_BY_SIDE.most }, [restarting, others], one),
    ])
  }
  // The machine is quiet now: what came too late because it was busy comes in time.
  await sideBySide(ALONE, [again], async (task) => {
    judging.onBegun(task)
    await judged(task, lanes, judging, 'time-limit')
    judging.onEnded(task)
  })
  signal.removeEventListener('abort', stop)
}

/** Undefined where it was ended. What the lab itself failed at is tried once more. */
async function judged(
  task: Task,
  lanes: Lanes,
  judging: JudgeClass,
  why?: 'time-limit',
): Promise<Judgement | undefined> {
  const first = await once(task, lanes, judging)
  if (first === undefined) return undefined
  judging.onJudged(task, first, why)
  if (first.report.verdict !== 'error') return first
  const second = await once(task, lanes, judging)
  if (second !== undefined) judging.onJudged(task, second, 'error')
  return second
}

async function once(
  { lesson, tree, restarts }: Task,
  lanes: Lanes,
  { brokers, limitMs, signal, sandbox }: JudgeClass,
): Promise<Judgement | undefined> {
  if (signal.aborted) return undefined
  const began = performance.now()
  const hangs = AbortSignal.timeout(HANGS_AFTER * (limitMs ?? LONGEST_CHECK_MS))
  const at = new Date().toISOString()
  const session = lanes.take()
  try {
    await using on = await brokers.lend(restarts)
    const report = await session.check({
      lessons: [lesson],
      tree,
      on: on.broker,
      directly: true,
      ...(limitMs === undefined ? {} : { limitMs }),
      signal: AbortSignal.any([signal, hangs]),
    })
    // A check that was ended in the middle says nothing.
    if (signal.aborted) return undefined
    const [found] = report.lessons
    if (found === undefined) throw new Error(`The check of ${lesson} left no report.`)
    if (found.verdict === 'error') await lanes.drop(session)
    else lanes.giveBack(session)
    return { report: found, broker: report.broker, sandbox, at }
  } catch (error) {
    await lanes.drop(session)
    if (signal.aborted) return undefined
    const reason = hangs.aborted ? 'The check did not come to an end.' : `The lab could not judge it: ${told(error)}`
    const durationMs = Math.round(performance.now() - began)
    const report = {
      lesson,
      verdict: 'error' as const,
      working: false,
      durationMs,
      solutionsUsed: [],
      expectations: [],
    }
    return { report: { ...report, reason }, broker: null, sandbox, at }
  }
}

function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Sessions that wait for their next check, each with a player of its own. */
class Lanes implements AsyncDisposable {
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

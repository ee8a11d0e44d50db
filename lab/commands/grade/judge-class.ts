import { isByTimeLimit } from '../../grade/by-time-limit.ts'
import type { Judgement } from '../../grade/record.ts'
import { type SideBySide, sideBySide } from '../side-by-side.ts'
import type { ClassBrokers } from './class-brokers.ts'
import { type JudgeOne, type Judges, judgeOne, Lanes, type Task } from './judge-one.ts'

const SIDE_BY_SIDE: SideBySide = { least: 2, most: 8 }
/** Where the broker is restarted most of the time is waiting, and one restart serves all who wait for one. */
const RESTARTING: SideBySide = { least: 2, most: 8 }
const ALONE: SideBySide = { least: 1, most: 1 }
/** What ran into a time limit waits most of its time: several of them leave the machine quiet. */
const QUIET: SideBySide = { least: 1, most: 8, isQuiet: true }

export interface JudgeClass extends Omit<JudgeOne, 'brokers'> {
  brokers: Pick<ClassBrokers, 'isShared' | 'lend'>
  /** A new session, which has no broker of its own. */
  open(): Judges
  /** Called with each judgement as soon as it is there; `earlier` says why it is not the first. */
  onJudged(task: Task, judgement: Judgement, why?: 'time-limit' | 'error'): void
  onBegun(task: Task): void
  onEnded(task: Task): void
}

/**
 * Judges lessons of submissions side by side, as many as the machine has room for. Each is played by a process that plays
 * nothing else meanwhile: what hangs or crashes harms nobody else.
 *
 *   tasks ──▶ side by side ──▶ fell short by a time limit ──▶ again, when the rest is done and the machine is quiet
 *                   └── the lab itself failed ──▶ again at once, in a new process; then it is an 'error'
 */
export async function judgeClass(tasks: Task[], judging: JudgeClass): Promise<void> {
  const { signal, brokers } = judging
  const again: Task[] = []
  const againAtCluster: Task[] = []
  await using lanes = new Lanes(judging.open)
  const left = tasks.filter(({ atCluster }) => !atCluster)
  const atCluster = tasks.filter((task) => task.atCluster)
  const restarting = left.filter(({ restarts }) => restarts)
  const others = left.filter(({ restarts }) => !restarts)
  const stop = () => {
    for (const queue of [atCluster, restarting, others, again, againAtCluster]) queue.splice(0)
  }
  signal.addEventListener('abort', stop, { once: true })
  const one = async (task: Task) => {
    judging.onBegun(task)
    const judgement = await judged(task, lanes, judging)
    const isLate = judgement !== undefined && isByTimeLimit(judgement.report)
    if (isLate) (task.atCluster ? againAtCluster : again).push(task)
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
  const onceMore = async (task: Task) => {
    judging.onBegun(task)
    await judged(task, lanes, judging, 'time-limit')
    judging.onEnded(task)
  }
  await sideBySide(QUIET, [again], onceMore)
  await sideBySide(ALONE, [againAtCluster], onceMore)
  signal.removeEventListener('abort', stop)
}

/** Undefined where it was ended. What the lab itself failed at is tried once more. */
async function judged(
  task: Task,
  lanes: Lanes,
  judging: JudgeClass,
  why?: 'time-limit',
): Promise<Judgement | undefined> {
  const first = await judgeOne(task, lanes, judging)
  if (first === undefined) return undefined
  judging.onJudged(task, first, why)
  if (first.report.verdict !== 'error') return first
  const second = await judgeOne(task, lanes, judging)
  if (second !== undefined) judging.onJudged(task, second, 'error')
  return second
}

import { setTimeout as sleep } from 'node:timers/promises'
import { scenarioWith } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { told } from '../../lab/recording/ask.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import type { Told } from '../../lab/recording/words/told.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import type { Workers } from '../../lab/student/workers.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { MOST_DEATHS, waitsOf, youngPair } from './deaths.ts'
import type { Config } from './driver.ts'
import type { WorkerPlan } from './worker.ts'

const scenario = scenarioWith({ mayFork: true })

const QUEUE = 'pictures'
/** Starting a process takes a while where the machine is busy. */
export const START_MS = 15_000
const LONGEST_GRACE_MS = 10_000
/** How long a stop may take: over and above the longest grace. */
export const STOP_MS = LONGEST_GRACE_MS + 6000
/** When a worker that does not react has to be gone, on the clock of its parent. */
export const KILLED_MS = 1.25 * LONGEST_GRACE_MS
const RETRY_DELAY_MS = 200
/** Long enough to look at the list before a worker is replaced. */
const LONG_DELAY_MS = 1000
/** Growing waits need not grow further. */
export const LONGEST_WAIT_MS = 30_000
/** Nobody lets them grow faster. */
const STEEPEST = 20
/** Deaths at the start, and as many waits, at the least. */
export const DEATHS = 4
/** Between that and the most: until they have waited for so long. Whoever counts them has given up by then. */
const ENOUGH_MS = 3000
export const SHORT_DELAY_MS = 100

export const stopped = scenario(
  'stop(): one worker is quick, one needs two seconds, one does not react',
  async (stage) => {
    const { service, workers } = await start(stage, { workers: 3 }, (nth) => ({
      holdsTasks: true,
      onSigterm: nth === 1 ? 0 : nth === 2 ? 2000 : 'ignores',
    }))
    await allReady(stage, service, 3)
    await stage.observer.publish(QUEUE, ['one', 'two', 'three'])
    await workersTold(stage, 'worker-began', 3, 'each worker to start on a task')
    stage.mark('in the middle')
    await service.ask('stop', {}, { limitMs: STOP_MS }).catch(goOn)
    await gone(stage, workers, STOP_MS - LONGEST_GRACE_MS)
    await stage.quiet('nothing came after it', 3 * RETRY_DELAY_MS)
    noteAlive(stage, workers)
  },
  { needs: ['signals'] },
)

export const young = scenario('a worker dies at its start, again and again', async (stage) => {
  // One of them dies when it has just become ready: it has not lived any longer for that.
  let lives = MOST_DEATHS + 1
  await start(stage, { workers: 1, retryDelayMs: SHORT_DELAY_MS }, (nth) => {
    if (nth >= lives) return {}
    // How it ends makes no difference: it is gone.
    return { dies: nth === DEATHS - 1 ? 'when ready' : 'at once', exitCode: nth === 2 ? 0 : 1 }
  })
  for (let nth = 1; nth < lives; nth++) {
    await workersTold(stage, 'child-exited', nth, 'the worker to die')
    const waitedMs = waitsOf(stage.recorder).reduce((sum, { ms }) => sum + ms, 0)
    if (nth >= DEATHS && waitedMs > ENOUGH_MS) lives = nth + 1
    const longestMs = longestWaitMs(stage)
    await workersTold(stage, 'child-started', nth + 1, 'a new worker in its place', START_MS / 2 + longestMs)
  }
  await workersTold(stage, 'worker-ready', 2, 'the last worker to be ready')
  stage.mark('one lives')
})

/** How old the second worker is when it dies: it has been ready for a while, and has died young all the same. */
export const BRIEF_MS = 8500
/** What a wait may not fall back to after that: a busy machine makes it longer, but not by a third. */
export const BRIEF_DELAY_MS = 2000

/** On a slow machine the second worker may have lived long when it is gone: then two others have to die. */
const MOST_PAIRS = 3

export const brief = scenario(
  'a worker dies at its start, and the next one a few seconds after its start',
  async (stage) => {
    const isDone = () => youngPair(stage.recorder) !== undefined
    await start(stage, { workers: 1, retryDelayMs: BRIEF_DELAY_MS }, (nth) => {
      if (nth > 2 * MOST_PAIRS || isDone()) return {}
      return nth % 2 === 1 ? { dies: 'at once' } : { diesAtMs: BRIEF_MS }
    })
    for (let pair = 1; pair <= MOST_PAIRS && !isDone(); pair++) {
      await workersTold(stage, 'child-started', 2 * pair, 'a new worker in its place')
      await workersTold(stage, 'worker-ready', pair, 'the second worker to be ready')
      if (pair === 1) stage.mark('it works')
      await workersTold(stage, 'child-exited', 2 * pair, 'the second worker to die', BRIEF_MS + START_MS)
      const longestMs = longestWaitMs(stage)
      await workersTold(stage, 'child-started', 2 * pair + 1, 'a third worker', START_MS / 2 + longestMs)
    }
    stage.mark('there is a third')
  },
)

export const term = scenario('SIGTERM to the parent', (stage) => signalled(stage, 'SIGTERM'), { needs: ['signals'] })
/** Nor is it too early for a signal: one of two workers is not ready yet. */
export const int = scenario('SIGINT to the parent', (stage) => signalled(stage, 'SIGINT', { isReady: false }), {
  needs: ['signals'],
})

/** What the parent's own environment says is not what its workers are to be told. */
export const PARENTS = { QUEUE: 'letters', PREFETCH: '9', RETRY_DELAY_MS: '77' }

export const up = scenario('three workers come up, and the broker comes late', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const { service, workers } = await start(stage, { workers: 3 }, (nth) => ({ waitsToBeReady: nth === 3 }), PARENTS)
  await workersTold(stage, 'worker-started', 3, 'three workers to start')
  await closed.off()
  await workersTold(stage, 'worker-ready', 2, 'two workers to be ready')
  await workersTold(stage, 'worker-consumes', 3, 'the third worker to start consuming')
  await lists(stage, service, areReady(2))
  stage.mark('two of three were ready')
  workers.tell(3, 'ready')
  await allReady(stage, service, 3)
  await lists(stage, service, areReady(3))
  stage.mark('all were ready')
  await stage.observer.publish(QUEUE, pictures(6))
  await workersTold(stage, 'worker-done', 6, 'all tasks to be done')
  stage.mark('all was done')
})

export const TASKS = 5

export const killed = scenario('a worker is killed in the middle of a task', async (stage) => {
  const { service, workers } = await start(stage, { workers: 3, retryDelayMs: LONG_DELAY_MS }, () => ({
    holdsTasks: true,
  }))
  await allReady(stage, service, 3)
  await stage.observer.publish(QUEUE, pictures(TASKS))
  await workersTold(stage, 'worker-began', 3, 'each worker to start on a task')
  workers.tell(2, 'die')
  await workersTold(stage, 'worker-gone', 1, 'the worker to die')
  stage.mark('one was dead')
  await workersTold(stage, 'child-exited', 1, 'your process to notice that the worker died')
  const dead = workers.seen().find(({ alive }) => !alive)?.pid
  // No other is in its place yet.
  await lists(stage, service, (list) => !list.some(({ pid }) => pid === dead), LONG_DELAY_MS / 100)
  stage.mark('looked at the list')
  await workersTold(stage, 'worker-ready', 4, 'a new worker in its place').catch(goOn)
  stage.mark('it had its time')
  for (const { nth } of workers.alive()) workers.tell(nth, 'finish')
  await workersTold(stage, 'worker-done', TASKS, 'all tasks to be done')
  await lists(stage, service, areReady(3))
  stage.mark('all was done')
  noteAlive(stage, workers)
})

export const reborn = scenario('one that was ready dies before the other is', async (stage) => {
  const { service, workers } = await start(stage, { workers: 2, retryDelayMs: 500 }, (nth) => ({
    waitsToBeReady: nth > 1,
  }))
  await workersTold(stage, 'worker-ready', 1, 'one of two workers to be ready')
  await workersTold(stage, 'worker-consumes', 2, 'the other worker to start consuming')
  workers.tell(1, 'die')
  await workersTold(stage, 'child-exited', 1, 'your process to notice that the worker died')
  // No other is in its place yet.
  workers.tell(2, 'ready')
  await workersTold(stage, 'worker-ready', 2, 'the other worker to be ready')
  await workersTold(stage, 'worker-consumes', 3, 'a new worker in its place to start consuming')
  await inTurns(service, 15, () => told(stage.recorder, 'cluster-ready').length > 0)
  stage.mark('one of two is still not ready')
  workers.tell(3, 'ready')
  await allReady(stage, service, 3)
  stage.mark('all were ready')
})

export const early = scenario('stopped before it is ready, between a death and the next start', async (stage) => {
  const { service, workers } = await start(stage, { workers: 2, retryDelayMs: 700 }, (nth) =>
    nth === 2 ? { dies: 'at once' } : { waitsToBeReady: true },
  )
  await workersTold(stage, 'worker-gone', 1, 'one of two workers to die')
  stage.mark('in between')
  await service.ask('stop', {}, { limitMs: STOP_MS }).catch(goOn)
  await service.ping()
  stage.mark('was stopped')
  await stage.quiet('nothing came after it', 1200)
  noteAlive(stage, workers)
})

/** Has the exercise start a cluster of the lab's workers. @throws StudentGone when it can't */
async function start(stage: Stage, config: Partial<Config>, plan: (nth: number) => WorkerPlan, env = {}) {
  const workers = await stage.workers(plan)
  const service = await stage.student(env)
  const { ok } = await service.ask('start', {
    amqpUrl: stage.url,
    queue: QUEUE,
    prefetch: 1,
    retryDelayMs: RETRY_DELAY_MS,
    workers: 2,
    workerFile: workers.file,
    ...config,
  })
  if (!ok) throw new StudentGone('startCluster() threw')
  return { service, workers }
}

/** Two workers, one of which does not hear; then a signal to their parent. Nobody may be left. */
async function signalled(stage: Stage, signal: 'SIGTERM' | 'SIGINT', { isReady = true } = {}): Promise<void> {
  const { service, workers } = await start(stage, { workers: 2 }, (nth) => ({
    waitsToBeReady: nth === 2 && !isReady,
    onSigterm: nth === 2 ? 'ignores' : 300,
  }))
  await workersTold(stage, 'worker-consumes', 2, 'two workers to come up')
  if (isReady) await allReady(stage, service, 2)
  else await workersTold(stage, 'worker-ready', 1, 'one of two workers to be ready')
  await service.ask('mayEnd')
  service.mayEnd()
  service.signal(signal)
  stage.mark('signalled')
  await service.ends({ limitMs: STOP_MS }).catch(goOn)
  stage.mark('the parent had its time')
  await gone(stage, workers, LONGEST_GRACE_MS)
  noteAlive(stage, workers)
}

function pictures(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `picture ${i + 1}`)
}

/** Waits until the workers have said that they are ready, and the cluster too. @throws NeverCame, StudentGone */
async function allReady(stage: Stage, service: Student, count: number): Promise<void> {
  await workersTold(stage, 'worker-ready', count, `${count} workers to be ready`)
  await inTurns(service, 300, () => told(stage.recorder, 'cluster-ready').length > 0)
}

/** Waits until `name` was told so often. @throws NeverCame, StudentGone when the parent ends first */
async function workersTold(
  { recorder }: Stage,
  name: keyof Told,
  count: number,
  what: string,
  limitMs = START_MS,
): Promise<void> {
  const isThere = () => told(recorder, name).length >= count
  const ends = (event: RecordedEvent) => {
    if (event.kind === 'process') return event.what === 'exited'
    return event.kind === 'told' && (isThere() || isLost(event))
  }
  await recorder.waitFor(what, ends, { limitMs })
  if (!isThere()) throw new StudentGone(`there was no waiting any more for ${what}`)
}

/** Nobody has told the worker where its broker is, or its queue: it will never be ready, or have nothing to do. */
function isLost(event: RecordedEvent): boolean {
  if (event.kind !== 'told' || event.name !== 'worker-started') return false
  return event.data.env?.AMQP_URL === undefined || event.data.env.QUEUE !== QUEUE
}

type Listed = { pid: number; ready: boolean }[]

function areReady(count: number): (list: Listed) => boolean {
  return (list) => list.filter(({ ready }) => ready).length === count
}

/** Asks for workers() until the answer is as it should be, or has had its time. */
async function lists(stage: Stage, service: Student, isRight: (list: Listed) => boolean, turns = 40): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const { ok, value } = await service.ask('list')
    if (!ok || (Array.isArray(value) && isRight(value))) return
    await sleep(25)
  }
  stage.mark('the list never was as it should be')
}

/** Waits until no worker is left. */
async function gone({ recorder }: Stage, workers: Workers, limitMs: number): Promise<void> {
  const isLeft = () => workers.alive().length > 0
  if (!isLeft()) return
  const isLast = (event: RecordedEvent) => event.kind === 'told' && event.name === 'worker-gone' && !isLeft()
  await recorder.waitFor('every worker to end', isLast, { limitMs }).catch(goOn)
}

function noteAlive(stage: Stage, workers: Workers): void {
  stage.recorder.note({ kind: 'broker', what: 'workers', data: { alive: workers.alive().map(({ pid }) => pid) } })
  stage.mark('looked who was left')
}

/** How long the next wait may be, whatever the waits grow by: what they have grown by so far tells. */
function longestWaitMs({ recorder }: Stage): number {
  const waits = waitsOf(recorder).map(({ ms }) => ms)
  const steps = waits.slice(1).map((ms, i) => ms / (waits[i] ?? ms))
  const steepest = steps.length > 1 ? 3 * Math.max(...steps) : STEEPEST
  return Math.min(LONGEST_WAIT_MS, steepest * (waits.at(-1) ?? 0))
}

import { setTimeout as sleep } from 'node:timers/promises'
import { check, expectation, step } from '../../lab/check/check.ts'
import {
  reached as cameTo,
  marked,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  type Stage,
  said,
  settled,
  type ToldEvent,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { scenarioWith } from '../../lab/check/scenario.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import type { Workers } from '../../lab/student/workers.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { isTold, waited } from '../shared/tasks.ts'
import { goOn } from '../shared/work.ts'
import type { Config } from './driver.ts'
import type { WorkerPlan } from './worker.ts'

const scenario = scenarioWith({ mayFork: true })

const QUEUE = 'pictures'
/** Starting a process takes a while where the machine is busy. */
const START_MS = 15_000
const GRACE_MS = 3000
const LONGEST_GRACE_MS = 10_000
/** Over and above the longest grace. */
const SLACK_MS = 6000
const RETRY_DELAY_MS = 200
/** Long enough to look at the list before a worker is replaced. */
const LONG_DELAY_MS = 1000
/** For what should not happen: so many turns of the process. */
const A_WHILE = 15
const FACTOR = 1.3
/** Growing waits need not grow further. */
const LONGEST_WAIT_MS = 30_000
/** Nobody lets them grow faster. */
const STEEPEST = 20
/** Whoever dies sooner has died young. */
const YOUNG_MS = 10_000
/** Deaths at the start, and as many waits. */
const DEATHS = 4

const stopped = scenario(
  'stop(): one worker is quick, one needs two seconds, one does not hear',
  async (stage) => {
    const { service, workers } = await start(stage, { workers: 3 }, (nth) => ({
      holdsTasks: true,
      onSigterm: nth === 1 ? 0 : nth === 2 ? 2000 : 'ignores',
    }))
    await allReady(stage, service, 3)
    await stage.observer.publish(QUEUE, ['one', 'two', 'three'])
    await workersTold(stage, 'worker-began', 3, 'each worker to begin with a task')
    stage.mark('in the middle')
    const call = service.call('stop')
    await service.settled(call, 'stop()', { limitMs: LONGEST_GRACE_MS + SLACK_MS }).catch(goOn)
    await gone(stage, workers, SLACK_MS)
    await stage.quiet('nothing came after it', 3 * RETRY_DELAY_MS)
    noteAlive(stage, workers)
  },
  { needs: ['signals'] },
)

const young = scenario('a worker dies at its start, again and again', async (stage) => {
  // One of them dies when it has just become ready: it has not lived any longer for that.
  await start(stage, { workers: 1 }, (nth) =>
    nth > DEATHS ? {} : { dies: nth === DEATHS - 1 ? 'when ready' : 'at once' },
  )
  for (let nth = 1; nth <= DEATHS; nth++) {
    await workersTold(stage, 'child-exited', nth, 'the worker to die')
    // Whatever the waits grow by: they may be as long as this.
    const waits = waitsOf(stage.recorder)
    const limitMs = START_MS / 2 + Math.min(LONGEST_WAIT_MS, STEEPEST * (waits.at(-1)?.ms ?? 0))
    await workersTold(stage, 'child-started', nth + 1, 'another worker in its place', limitMs)
  }
  await workersTold(stage, 'worker-ready', 2, 'the last one to be ready')
  stage.mark('one lives')
})

const term = scenario('SIGTERM to the parent', (stage) => signalled(stage, 'SIGTERM'), { needs: ['signals'] })
const int = scenario('SIGINT to the parent', (stage) => signalled(stage, 'SIGINT'), { needs: ['signals'] })

const up = scenario('three workers come up, and the broker comes late', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const { service, workers } = await start(stage, { workers: 3 }, (nth) => ({ waitsToBeReady: nth === 3 }))
  await workersTold(stage, 'worker-started', 3, 'three workers to start')
  await closed.off()
  await workersTold(stage, 'worker-ready', 2, 'two workers to be ready')
  await workersTold(stage, 'worker-consumes', 3, 'the third to be nearly ready')
  await listed(service, stage, (list) => list.filter(({ ready }) => ready).length === 2)
  stage.mark('two of three were ready')
  workers.tell(3, 'ready')
  await allReady(stage, service, 3)
  await listed(service, stage, (list) => list.filter(({ ready }) => ready).length === 3)
  stage.mark('all were ready')
  const tasks = Array.from({ length: 6 }, (_, i) => `picture ${i + 1}`)
  await stage.observer.publish(QUEUE, tasks)
  await workersTold(stage, 'worker-done', tasks.length, 'all tasks to be done')
  stage.mark('all was done')
})

const killed = scenario('a worker is killed in the middle of a task', async (stage) => {
  const { service, workers } = await start(stage, { workers: 3, retryDelayMs: LONG_DELAY_MS }, () => ({
    holdsTasks: true,
  }))
  await allReady(stage, service, 3)
  const tasks = Array.from({ length: 5 }, (_, i) => `picture ${i + 1}`)
  await stage.observer.publish(QUEUE, tasks)
  await workersTold(stage, 'worker-began', 3, 'each worker to begin with a task')
  workers.tell(2, 'die')
  await workersTold(stage, 'worker-gone', 1, 'the worker to be dead')
  stage.mark('one was dead')
  await workersTold(stage, 'child-exited', 1, 'your process to hear of it')
  const dead = workers.seen().find(({ alive }) => !alive)?.pid
  // No other is in its place yet.
  await listed(service, stage, (list) => !list.some(({ pid }) => pid === dead), LONG_DELAY_MS / 100)
  stage.mark('looked at the list')
  await workersTold(stage, 'worker-ready', 4, 'a worker in its place').catch(goOn)
  stage.mark('it had its time')
  for (const { nth } of workers.alive()) workers.tell(nth, 'finish')
  await workersTold(stage, 'worker-done', tasks.length, 'all tasks to be done')
  await listed(service, stage, (list) => list.filter(({ ready }) => ready).length === 3)
  stage.mark('all was done')
  noteAlive(stage, workers)
})

const reborn = scenario('one that was ready dies before the other is', async (stage) => {
  const { service, workers } = await start(stage, { workers: 2 }, (nth) => ({ waitsToBeReady: nth === 2 }))
  await workersTold(stage, 'worker-ready', 1, 'one of two workers to be ready')
  workers.tell(1, 'die')
  await workersTold(stage, 'worker-ready', 2, 'a worker in its place to be ready')
  await inTurns(service, A_WHILE, () => stage.recorder.events.some((event) => isTold(event, 'cluster-ready')))
  stage.mark('one of two is still not ready')
  workers.tell(2, 'ready')
  await allReady(stage, service, 3)
  stage.mark('all were ready')
})

const early = scenario('stopped before it is ready, between a death and the next start', async (stage) => {
  const { service, workers } = await start(stage, { workers: 2, retryDelayMs: 700 }, (nth) =>
    nth === 2 ? { dies: 'at once' } : { waitsToBeReady: true },
  )
  await workersTold(stage, 'worker-gone', 1, 'one of two workers to die')
  stage.mark('in between')
  await service.ask('stop', {}, { limitMs: LONGEST_GRACE_MS + SLACK_MS }).catch(goOn)
  await service.ping()
  stage.mark('was stopped')
  await stage.quiet('nothing came after it', 1200)
  noteAlive(stage, workers)
})

// ---- What the scenarios do

/** Has the exercise start a cluster of the lab's workers. @throws StudentGone when it can't */
async function start(stage: Stage, config: Partial<Config>, plan: (nth: number) => WorkerPlan) {
  const workers = await stage.workers(plan)
  const service = await stage.student()
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
async function signalled(stage: Stage, signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
  const { service, workers } = await start(stage, { workers: 2 }, (nth) =>
    nth === 2 ? { onSigterm: 'ignores' } : { onSigterm: 300 },
  )
  await allReady(stage, service, 2)
  await service.ask('mayEnd')
  service.mayEnd()
  service.signal(signal)
  stage.mark('signalled')
  await service.ends({ limitMs: LONGEST_GRACE_MS + SLACK_MS }).catch(goOn)
  stage.mark('the parent had its time')
  await gone(stage, workers, LONGEST_GRACE_MS)
  noteAlive(stage, workers)
}

/** Waits until the workers have said that they are ready, and the cluster too. @throws NeverCame, StudentGone */
async function allReady(stage: Stage, service: Student, count: number): Promise<void> {
  await workersTold(stage, 'worker-ready', count, `${count} workers to be ready`)
  await inTurns(service, 300, () => stage.recorder.events.some((event) => isTold(event, 'cluster-ready')))
}

/** Waits until `name` was told so often. @throws NeverCame, StudentGone when the parent ends first */
async function workersTold(stage: Stage, name: string, count: number, what: string, limitMs = START_MS): Promise<void> {
  const isThere = () => stage.recorder.events.filter((event) => isTold(event, name)).length >= count
  const isEnd = (event: RecordedEvent) =>
    (event.kind === 'process' && event.what === 'exited') || (event.kind === 'told' && isLost(event))
  await stage.recorder.waitFor(what, (event) => (event.kind === 'told' && isThere()) || isEnd(event), { limitMs })
  if (!isThere()) throw new StudentGone(`there was no waiting any more for ${what}`)
}

/** Nobody has told the worker where its broker is: it will never be ready. */
function isLost(event: ToldEvent): boolean {
  const { env } = Object(event.data) as { env?: { AMQP_URL?: string } }
  return event.name === 'worker-started' && env?.AMQP_URL === undefined
}

/** Asks for workers() until the answer is as it should be, or has had its time. */
async function listed(
  service: Student,
  stage: Stage,
  isRight: (list: { pid: number; ready: boolean }[]) => boolean,
  turns = 40,
): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const { ok, value } = await service.ask('list')
    if (!ok || (Array.isArray(value) && isRight(value))) return
    await sleep(25)
  }
  stage.mark('the list never was as it should be')
}

/** Waits until no worker is left. */
async function gone(stage: Stage, workers: Workers, limitMs: number): Promise<void> {
  if (workers.alive().length === 0) return
  await stage.recorder
    .waitFor('every worker to end', (event) => isTold(event, 'worker-gone') && workers.alive().length === 0, {
      limitMs,
    })
    .catch(goOn)
}

function noteAlive(stage: Stage, workers: Workers): void {
  stage.recorder.note({ kind: 'broker', what: 'workers', data: { alive: workers.alive().map(({ pid }) => pid) } })
  stage.mark('looked who was left')
}

// ---- What the recordings tell

/** As the lab's own, but what startCluster() threw says more. */
function reached(recording: Recording, mark: string): Shortfall | undefined {
  const short = cameTo(recording, mark)
  const started = settled(recording, 'start')
  if (short && started?.ok === false) {
    return { seen: `startCluster() threw: ${said(started)}`, show: [started.event] }
  }
  return short
}

function configOf(recording: Recording): Config | undefined {
  const call = recording.events.find((event) => event.kind === 'asked' && event.name === 'start')
  return call?.kind === 'asked' ? (call.data as { args: Config }).args : undefined
}

/** A worker that has not the settings in its environment. */
function misconfigured(recording: Recording, started: ReturnType<typeof told>[number]): Shortfall | undefined {
  const config = configOf(recording)
  const env = Object(started.data.env) as Record<string, string | undefined>
  const wanted = {
    AMQP_URL: config?.amqpUrl,
    QUEUE: config?.queue,
    PREFETCH: String(config?.prefetch),
    RETRY_DELAY_MS: String(config?.retryDelayMs),
  }
  for (const [name, value = ''] of Object.entries(wanted)) {
    const has = env[name]
    if (has === value) continue
    return {
      seen: `Worker ${started.data.nth} was started, and in its environment ${name} was ${has === undefined ? 'not set' : `'${shown(has)}'`}. It should have been '${shown(value)}'.`,
      looksLike: 'no-environment',
      show: [started],
      wrong: { event: started, instead: `${name}=${shown(value)}` },
    }
  }
  return undefined
}

/** The waits between the end of a worker and the start of the next, on the clock of their parent. */
function waitsOf(recording: Pick<Recording, 'events'>) {
  const exits = told(recording as Recording, 'child-exited')
  const starts = told(recording as Recording, 'child-started')
  return exits.flatMap((died, at) => {
    const [began, next] = starts.slice(at, at + 2)
    if (!began || !next || at >= DEATHS) return []
    const since = (from: typeof died, to: typeof died) => Number(to.data.atMs) - Number(from.data.atMs)
    return [{ died, next, ms: since(died, next), livedMs: since(began, died) }]
  })
}

interface Listed {
  pids: number[]
  ready: number[]
  text: string
  event: RecordedEvent
}

/** What workers() returned last before the scenario came to `mark`. */
function listAt(recording: Recording, mark: string): Listed | undefined {
  const at = recording.events.findIndex((event) => event.kind === 'mark' && event.name === mark)
  const calls = new Set(
    recording.events.flatMap((event) =>
      event.kind === 'asked' && event.name === 'list' ? [(event.data as { id: number }).id] : [],
    ),
  )
  const event = recording.events
    .slice(0, at === -1 ? 0 : at)
    .findLast((each) => each.kind === 'told' && each.name === 'settled' && calls.has((each.data as { id: number }).id))
  if (event?.kind !== 'told') return undefined
  const { value } = event.data as { value: unknown }
  const all = (Array.isArray(value) ? value : []) as { pid?: unknown; ready?: unknown }[]
  return {
    pids: all.map(({ pid }) => Number(pid)),
    ready: all.filter(({ ready }) => ready === true).map(({ pid }) => Number(pid)),
    text: JSON.stringify(value ?? null),
    event,
  }
}

/** The slow worker was not given the time to finish its task. */
function unfinished(recording: Recording): Shortfall {
  const ended = told(recording, 'worker-gone').find(({ data }) => data.nth === 2)
  return {
    seen: 'A worker got SIGTERM and needed two seconds more for its task. It ended before that was done.',
    looksLike: 'short-grace',
    show: [told(recording, 'worker-asked').find(({ data }) => data.nth === 2), ended],
  }
}

function pendingStop(recording: Recording): Shortfall | undefined {
  const answer = settled(recording, 'stop')
  if (answer?.ok === false) return { seen: `stop() rejected: ${said(answer)}`, show: [answer.event] }
  if (!answer && marked(recording, 'in between')) {
    return {
      seen: `stop() was called before the cluster was ready, and ${(LONGEST_GRACE_MS + SLACK_MS) / 1000} s later it was still pending.`,
      show: [told(recording, 'stop-called')[0], waited(recording)],
    }
  }
  return reached(recording, 'nothing came after it')
}

/** Neither workers nor their parent are there any more when it has got the signal. */
function leftBehind(recording: Recording, signal: string): Shortfall | undefined {
  const sent = recording.events.find((event) => event.kind === 'process' && event.what === 'signalled')
  const exit = recording.events.find((event) => event.kind === 'process' && event.what === 'exited')
  const look = recording.events.findLast((event) => event.kind === 'broker' && event.what === 'workers')
  if (!sent || !marked(recording, 'looked who was left') || look?.kind !== 'broker')
    return reached(recording, 'looked who was left')
  const left = look.data.alive as number[]
  const asked = told(recording, 'worker-asked')
  if (left.length > 0) {
    const died = exit?.kind === 'process' && exit.signal === signal
    return {
      seen: `Your process got ${signal} and ${exit ? 'ended' : 'did not end'}. Of its workers, ${left.length === 1 ? 'one was' : `${left.length} were`} left: ${list(left)}.`,
      looksLike: died && asked.length === 0 ? 'no-signal-handler' : exit ? 'exits-too-soon' : 'no-sigkill',
      show: [sent, ...asked, exit, look],
      wrong: { event: exit, instead: 'the end of all workers first' },
    }
  }
  if (!exit) {
    return {
      seen: `Your process got ${signal}, and its workers ended. ${(LONGEST_GRACE_MS + SLACK_MS) / 1000} s later it was still there itself, with nothing to do.`,
      looksLike: 'parent-stays',
      show: [sent, ...asked, waited(recording)],
    }
  }
  return undefined
}

function sameMembers(some: unknown[], others: unknown[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one))
}

function list(pids: unknown[]): string {
  return pids.join(', ')
}

/** Without the password. */
function shown(value: string): string {
  return value.replace(/\/\/[^@/]*@/, '//…@')
}

function nth(count: number): string {
  return count === 1 ? 'first' : count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`
}

export default check('13-cluster-up', [
  step(
    'The workers come up',
    expectation('starts a process for each worker, with the settings in its environment', up, (recording) => {
      const started = told(recording, 'worker-started')
      const config = configOf(recording)
      if (!config) return reached(recording, 'two of three were ready')
      for (const event of started) {
        const other = misconfigured(recording, event)
        if (other) return other
        if (event.data.hasLine !== true) {
          return {
            seen: 'A worker was started, but there was no process.send() in it: it can not say that it is ready.',
            looksLike: 'no-line',
            show: [event],
            wrong: { event, instead: "a process with 'ipc' among its stdio" },
          }
        }
      }
      const pids = new Set(told(recording, 'worker-started').map(({ data }) => data.pid))
      if (pids.size > config.workers && told(recording, 'worker-gone').length === 0) {
        return { seen: `${config.workers} workers were asked for, and ${pids.size} were started.`, show: started }
      }
      return pids.size >= config.workers ? undefined : reached(recording, 'two of three were ready')
    }),

    expectation('is ready when all its workers are, and lists them', up, (recording) => {
      const ready = told(recording, 'cluster-ready')[0]
      const third = recording.events.find((event) => event.kind === 'asked' && event.name === 'worker-ready')
      if (ready && (!third || ready.ms < third.ms)) {
        return {
          seen: `ready resolved when ${times(told(recording, 'worker-ready').filter(({ ms }) => ms < ready.ms).length, 'worker')} of 3 had said that it was ready.`,
          looksLike: 'ready-too-early',
          show: [...told(recording, 'worker-ready').filter(({ ms }) => ms < ready.ms), ready],
          wrong: { event: ready, instead: 'nothing yet: one worker has not said that it is ready' },
        }
      }
      const unable = reached(recording, 'two of three were ready')
      if (unable) return unable
      const [before, after] = [listAt(recording, 'two of three were ready'), listAt(recording, 'all were ready')]
      const saidSo = told(recording, 'worker-ready')
        .slice(0, 2)
        .map(({ data }) => data.nth)
      const pids = told(recording, 'worker-started').map(({ data }) => data.pid)
      const readyPids = told(recording, 'worker-started')
        .filter(({ data }) => saidSo.includes(data.nth))
        .map(({ data }) => data.pid)
      if (before && !(sameMembers(before.pids, pids) && sameMembers(before.ready, readyPids))) {
        return {
          seen: `Of the workers ${list(pids)}, ${list(readyPids)} had said 'ready'. workers() returned ${before.text}.`,
          looksLike: before.ready.length > readyPids.length ? 'ready-too-early' : undefined,
          show: [...told(recording, 'worker-started'), before.event],
          wrong: { event: before.event, instead: 'each that lives, with its pid and whether it is ready' },
        }
      }
      if (!ready) {
        return {
          seen: `All 3 workers had said 'ready', but ready was still pending.`,
          show: [...told(recording, 'worker-ready'), waited(recording)],
        }
      }
      if (after && !(sameMembers(after.pids, pids) && sameMembers(after.ready, pids))) {
        return {
          seen: `The workers ${list(pids)} were all ready. workers() returned ${after.text}.`,
          show: [...told(recording, 'worker-ready'), after.event],
        }
      }
      return reached(recording, 'all was done')
    }),
  ),
  step(
    'A worker that dies is replaced',
    expectation(
      'replaces a worker that was killed, while the others go on and every task is done',
      killed,
      (recording) => {
        const [first] = told(recording, 'worker-gone')
        if (!marked(recording, 'one was dead') || !first) return reached(recording, 'one was dead')
        const others = told(recording, 'worker-gone').slice(1)
        const look = listAt(recording, 'looked at the list')
        if (others[0] && told(recording, 'worker-asked').length > 0) {
          return {
            seen: `Worker ${first.data.pid} was killed. After that ${times(others.length, 'other worker')} had to go as well.`,
            looksLike: 'replaces-all',
            show: [first, told(recording, 'worker-asked')[0], others[0]],
            wrong: { event: told(recording, 'worker-asked')[0], instead: 'nothing: this one was alive and well' },
          }
        }
        if (look?.pids.includes(Number(first.data.pid))) {
          return {
            seen: `Worker ${first.data.pid} was dead, but workers() still had it: ${look.text}.`,
            looksLike: 'lists-the-dead',
            show: [first, look.event],
            wrong: { event: look.event, instead: 'those that live' },
          }
        }
        const fourth = told(recording, 'worker-started')[3]
        if (!fourth && marked(recording, 'it had its time')) {
          return {
            seen: `Worker ${first.data.pid} was killed. ${START_MS / 1000} s later there was no other in its place.`,
            looksLike: 'never-replaced',
            show: [first, look?.event, waited(recording)],
          }
        }
        const other = fourth && misconfigured(recording, fourth)
        if (other) return other
        if (fourth && !told(recording, 'worker-ready')[3] && marked(recording, 'it had its time')) {
          return {
            seen: `Worker ${first.data.pid} was killed. Another one was started in its place, and ${START_MS / 1000} s later it was not ready.`,
            show: [first, fourth, waited(recording)],
          }
        }
        if (!marked(recording, 'it had its time') || marked(recording, 'all was done')) {
          return reached(recording, 'all was done')
        }
        const done = new Set(told(recording, 'worker-done').map(({ data }) => data.task))
        return {
          seen: `A worker was killed in the middle of a task. Of 5 tasks, ${done.size} were done in the end.`,
          show: [first, ...told(recording, 'worker-done'), waited(recording)],
        }
      },
    ),

    expectation('counts a worker as ready as long as it lives', reborn, (recording) => {
      const ready = told(recording, 'cluster-ready')[0]
      const said = told(recording, 'worker-ready')
      const allowed = recording.events.find((event) => event.kind === 'asked' && event.name === 'worker-ready')
      if (ready && (!allowed || ready.ms < allowed.ms)) {
        const [gone] = told(recording, 'worker-gone')
        const hasDied = gone !== undefined && gone.ms < ready.ms
        return {
          seen: hasDied
            ? 'Of two workers one was ready, died, and was replaced. ready resolved, and the other one had not said that it was ready.'
            : 'ready resolved, and one of two workers had not said that it was ready.',
          looksLike: hasDied ? 'counts-the-dead' : 'ready-too-early',
          show: [...said.slice(0, 1), ...(hasDied ? [gone, ...said.slice(1, 2)] : []), ready],
          wrong: { event: ready, instead: 'nothing yet: one worker has not said that it is ready' },
        }
      }
      if (!ready && marked(recording, 'one of two is still not ready') && said.length > 2) {
        return {
          seen: 'Of two workers one was ready, died, and was replaced. Then both were ready, but ready was still pending.',
          show: [told(recording, 'worker-gone')[0], ...said, waited(recording)],
        }
      }
      return reached(recording, 'all were ready')
    }),

    expectation('waits longer each time before it replaces one that died young', young, (recording) => {
      const all = waitsOf(recording)
      // On a machine that is slow enough one of them has not died young: it has earned a short wait.
      const grown = all.findIndex(({ livedMs }) => livedMs > YOUNG_MS * 0.9)
      const waits = grown === -1 ? all : all.slice(0, grown)
      for (const [at, wait] of waits.entries()) {
        const least = RETRY_DELAY_MS * FACTOR ** at
        if (wait.ms >= least * 0.9) continue
        const asked =
          at === 0 ? `retryDelayMs was ${RETRY_DELAY_MS}` : `It had to wait ${Math.round(least)} ms or longer by then`
        return {
          seen: `The worker died at its start for the ${nth(at + 1)} time. ${asked}, and the next one was started after ${Math.round(wait.ms)} ms.`,
          looksLike: at === 0 ? 'replaces-at-once' : 'same-wait',
          show: waits.slice(0, at + 1).flatMap(({ died, next }) => [died, next]),
          wrong: { event: wait.next, instead: `nothing yet, for ${Math.round(least)} ms` },
        }
      }
      const last = waits[DEATHS - 1]
      const shortest = Math.min(...waits.slice(0, -1).map(({ ms }) => ms))
      if (last && last.ms < FACTOR * shortest) {
        return {
          seen: `The worker died at its start ${DEATHS} times. The waits after that were ${waits.map(({ ms }) => `${Math.round(ms)} ms`).join(', ')}.`,
          looksLike: 'same-wait',
          show: waits.flatMap(({ died, next }) => [died, next]),
          wrong: { event: last.next, instead: 'a longer wait than before' },
        }
      }
      const deaths = told(recording, 'child-exited')
      if (!marked(recording, 'one lives') && deaths.length > 0 && waited(recording)) {
        return {
          seen: `The worker died at its start, and after ${times(deaths.length, 'death')} no other came for ${START_MS / 1000} s.`,
          looksLike: deaths.length === 1 ? 'never-replaced' : 'gives-up',
          show: [...deaths, waited(recording)],
        }
      }
      return reached(recording, 'one lives')
    }),
  ),
  step(
    'It is taken down',
    expectation('asks each worker with SIGTERM, and gives it 3 s or more to finish', stopped, (recording) => {
      const called = told(recording, 'stop-called')[0]
      if (!called) return reached(recording, 'in the middle')
      const asked = told(recording, 'worker-asked')
      for (const exit of told(recording, 'child-exited')) {
        // One that was started after stop() is told elsewhere.
        const begun = told(recording, 'child-started').find(({ data }) => data.pid === exit.data.pid)
        if (Number(begun?.data.atMs) > Number(called.data.atMs)) continue
        const started = told(recording, 'worker-started').find(({ data }) => data.pid === exit.data.pid)
        const wasAsked = asked.find(({ data }) => data.nth === started?.data.nth)
        const afterMs = Number(exit.data.atMs) - Number(called.data.atMs)
        if (!wasAsked) {
          return {
            seen: `stop() was called, and worker ${exit.data.pid} ended (${exit.data.signal ?? `exit code ${exit.data.code}`}) without having got a SIGTERM.`,
            looksLike: 'kills-at-once',
            show: [called, exit],
            wrong: { event: exit, instead: 'a SIGTERM, and time to finish' },
          }
        }
        if (exit.data.signal === 'SIGKILL' && afterMs < GRACE_MS * 0.9) {
          return {
            seen: `Worker ${exit.data.pid} got SIGTERM, and ${Math.round(afterMs)} ms after stop() had been called it was ended by SIGKILL.`,
            looksLike: 'short-grace',
            show: [called, wasAsked, exit],
            wrong: { event: exit, instead: `nothing before ${GRACE_MS} ms are over` },
          }
        }
      }
      const second = told(recording, 'worker-done').some(({ data }) => data.nth === 2)
      const unasked = [1, 2, 3].find((nth) => !asked.some(({ data }) => data.nth === nth))
      if (unasked !== undefined && marked(recording, 'nothing came after it')) {
        return {
          seen: `stop() was called, but ${times(3 - asked.length, 'worker')} never got a SIGTERM.`,
          show: [called, ...asked, waited(recording)],
        }
      }
      return second
        ? reached(recording, 'nothing came after it')
        : (reached(recording, 'nothing came after it') ?? unfinished(recording))
    }),

    expectation('ends a worker that does not hear, with SIGKILL, before stop() resolves', stopped, (recording) => {
      const called = told(recording, 'stop-called')[0]
      if (!called) return reached(recording, 'in the middle')
      const resolved = told(recording, 'stopped')[0]
      const deaf = told(recording, 'worker-gone').find(({ data }) => data.nth === 3)
      const asked = told(recording, 'worker-asked').find(({ data }) => data.nth === 3)
      const rejected = settled(recording, 'stop')
      if (rejected?.ok === false) return { seen: `stop() rejected: ${said(rejected)}`, show: [called, rejected.event] }
      const kill = told(recording, 'child-exited').find(({ data }) => data.signal === 'SIGKILL')
      const tookMs = kill && Number(kill.data.atMs) - Number(called.data.atMs)
      if (!deaf || (tookMs !== undefined && tookMs > LONGEST_GRACE_MS + SLACK_MS)) {
        return {
          seen: `A worker went on as if there had been no SIGTERM. ${(LONGEST_GRACE_MS + SLACK_MS) / 1000} s after stop() it was still there.`,
          looksLike: 'no-sigkill',
          show: [called, asked, resolved ?? waited(recording)],
        }
      }
      // On the clock of the parent, which hears of an end before its promise can resolve.
      const before = told(recording, 'child-started').filter(({ data }) => Number(data.atMs) < Number(called.data.atMs))
      const late = told(recording, 'child-exited').find(
        ({ data }) =>
          resolved &&
          Number(data.atMs) > Number(resolved.data.atMs) &&
          before.some((started) => started.data.pid === data.pid),
      )
      if (resolved && late) {
        return {
          seen: `stop() resolved when there were workers left.`,
          looksLike: 'does-not-wait',
          show: [called, resolved, late],
          wrong: { event: resolved, instead: 'the end of the last worker' },
        }
      }
      return resolved ? undefined : reached(recording, 'nothing more')
    }),

    expectation(
      'starts nothing any more, and rejects ready where it was stopped first',
      [early, stopped],
      (early, stopped) => {
        for (const recording of [stopped, early]) {
          const called = told(recording, 'stop-called')[0]
          const late = told(recording, 'child-started').find(
            ({ data }) => called && Number(data.atMs) > Number(called.data.atMs),
          )
          if (called && late) {
            return {
              seen: `stop() was called, and ${Math.round(Number(late.data.atMs) - Number(called.data.atMs))} ms later another worker was started.`,
              looksLike: 'replaces-after-stop',
              show: [called, told(recording, 'child-exited').at(-1), late],
              wrong: { event: late, instead: 'nothing: the cluster is being taken down' },
            }
          }
        }
        const resolved = told(early, 'cluster-ready')[0]
        const rejected = told(early, 'cluster-not-ready')[0]
        if (marked(early, 'was stopped') && resolved) {
          return {
            seen: 'The cluster was never ready, but ready resolved.',
            looksLike: 'ready-too-early',
            show: [resolved],
          }
        }
        if (marked(early, 'was stopped') && settled(early, 'stop')?.ok && !rejected) {
          return {
            seen: 'The cluster was stopped before it was ready. After that ready was still pending.',
            looksLike: 'ready-pending',
            show: [told(early, 'stop-called')[0], told(early, 'stopped')[0]],
          }
        }
        if (rejected && marked(early, 'nothing came after it'))
          return stopped ? reached(stopped, 'in the middle') : undefined
        return reached(early, 'in between') ?? pendingStop(early)
      },
    ),
  ),
  step(
    'Nobody is left behind',
    expectation('takes its workers along when it gets SIGTERM', term, (recording) => leftBehind(recording, 'SIGTERM')),
    expectation('takes its workers along when it gets SIGINT', int, (recording) => leftBehind(recording, 'SIGINT')),
  ),
])

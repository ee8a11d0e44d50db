import * as v from 'valibot'
import {
  awaited,
  calls,
  isBefore,
  marked,
  markOf,
  outcomeOf,
  type RecordedEvent,
  type Recording,
  reached as reachedMark,
  returned,
  type Shortfall,
  said,
  settled,
  type ToldEvent,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { PARENTS, START_MS, TASKS } from './scenarios.ts'

/** How the workers come up, and are kept up. */

/** In the scenario in which one is killed. */
const WORKERS = 3
const A_PROCESS = 'a process, started with fork() from node:child_process'
const TOO_SOON = "nothing yet: one worker has not sent 'ready'"

/** As the lab's own, but what startCluster() threw says more. */
export function reached(recording: Recording, mark: string): Shortfall | undefined {
  const short = reachedMark(recording, mark)
  const thread = isThread(recording)
  if (thread) return thread
  const started = settled(recording, 'start')
  if (!short || started?.ok !== false) return short
  return { seen: `startCluster() threw: ${said(started)}`, show: [started.event] }
}

/** What is to be a worker is a thread of the same process. */
function isThread(recording: Recording): Shortfall | undefined {
  const started = settled(recording, 'start')
  const looksLike = 'thread-for-a-process'
  // No exercise may have threads: the lab says so in the error that Node throws.
  if (started?.ok === false && /\bstart a worker thread\b/.test(said(started))) {
    return {
      seen: 'startCluster() started a thread (worker_threads) rather than a process.',
      looksLike,
      show: [started.event],
      instead: A_PROCESS,
    }
  }
  const thread = told(recording, 'worker-started').find(({ data }) => data.isThread)
  if (!thread) return undefined
  const seen = `You started a worker as a thread in your own process (PID ${thread.data.pid}).`
  return { seen, looksLike, show: [thread], instead: A_PROCESS }
}

/** A worker that does not have the settings in its environment, or no line to its parent; or there are others than wanted. */
export function startsOtherwise(recording: Recording): Shortfall | undefined {
  const started = told(recording, 'worker-started')
  const wanted = Number(calls(recording, 'start')[0]?.args.workers)
  for (const event of started) {
    const other = misconfigured(recording, event)
    if (other) return other
    if (event.data.hasLine) continue
    const seen = "You started a worker, but it had no process.send(), so it couldn't send 'ready'."
    return { seen, looksLike: 'no-line', show: [event], instead: "a process with 'ipc' in its stdio option" }
  }
  const pids = new Set(pidsOf(recording)).size
  if (pids > wanted && told(recording, 'worker-gone').length === 0) {
    return { seen: `The config asked for ${wanted} workers, but you started ${pids}.`, show: started }
  }
  return pids >= wanted ? undefined : reached(recording, 'two of three were ready')
}

/** A worker that does not have the settings in its environment. */
function misconfigured(recording: Recording, started: ToldEvent<'worker-started'>): Shortfall | undefined {
  const { amqpUrl, queue, prefetch, retryDelayMs } = calls(recording, 'start')[0]?.args ?? {}
  const wanted = { AMQP_URL: amqpUrl, QUEUE: queue, PREFETCH: prefetch, RETRY_DELAY_MS: retryDelayMs }
  for (const [name, value] of Object.entries(wanted)) {
    const has = started.data.env?.[name]
    if (has === String(value)) continue
    const isParents = has !== undefined && has === Object(PARENTS)[name]
    const seen = `You started worker ${started.data.nth}, but ${name} was ${has === undefined ? 'not set' : `'${shown(has)}'`} in its environment${isParents ? ', as in that of your own process' : ''}. It should have been '${shown(String(value))}'.`
    return { seen, looksLike: 'no-environment', show: [started], instead: `${name}=${shown(String(value))}` }
  }
  return undefined
}

/** Without the password. */
function shown(value: string): string {
  return value.replace(/\/\/[^@/]*@/, '//…@')
}

/** Of the workers, or of those among them. */
function pidsOf(recording: Recording, among?: number[]): number[] {
  return told(recording, 'worker-started')
    .filter(({ data }) => among?.includes(data.nth) ?? true)
    .map(({ data }) => data.pid)
}

/** ready resolved before the lab had allowed the last worker to say that it is ready. */
function tooSoon(recording: Recording) {
  const [ready] = told(recording, 'cluster-ready')
  const allowed = recording.events.findLast((event) => event.kind === 'asked' && event.name === 'worker-ready')
  return isBefore(recording, ready, allowed) ? ready : undefined
}

/** ready resolved too early, or not at all, or workers() returned something else than the workers that there were. */
export function listsOtherwise(recording: Recording): Shortfall | undefined {
  const saidSo = told(recording, 'worker-ready')
  const early = tooSoon(recording)
  if (early) {
    const soFar = saidSo.filter(({ ms }) => ms < early.ms)
    const seen = `The ready promise resolved when only ${soFar.length} of 3 workers had sent 'ready'.`
    return { seen, looksLike: 'ready-too-early', show: [...soFar, early], instead: TOO_SOON }
  }
  const unable = reached(recording, 'two of three were ready')
  if (unable) return unable
  const pids = pidsOf(recording)
  const two = saidSo.slice(0, 2).map(({ data }) => data.nth)
  const readyPids = pidsOf(recording, two)
  const before = listAt(recording, 'two of three were ready')
  if (before && !(isSame(before.pids, pids) && isSame(before.ready, readyPids))) {
    return {
      seen: `You started workers with the PIDs ${pids.join(', ')}. Of these, ${readyPids.join(' and ')} had sent 'ready', but workers() returned ${before.text}.`,
      looksLike: before.ready.length > readyPids.length ? 'ready-too-early' : undefined,
      show: [...told(recording, 'worker-started'), before.event],
      wrong: { event: before.event, instead: 'each living worker, with its pid and whether it is ready' },
    }
  }
  if (told(recording, 'cluster-ready').length === 0) {
    const seen = `All 3 workers had sent 'ready', but the ready promise was still pending.`
    return { seen, show: [...saidSo, awaited(recording)] }
  }
  const after = listAt(recording, 'all were ready')
  if (after && !(isSame(after.pids, pids) && isSame(after.ready, pids))) {
    const seen = `The workers with the PIDs ${pids.join(', ')} were all ready, but workers() returned ${after.text}.`
    return { seen, show: [...saidSo, after.event] }
  }
  return reached(recording, 'all was done')
}

interface Listed {
  pids: number[]
  ready: number[]
  text: string
  event: RecordedEvent
}

const List = v.array(v.object({ pid: v.optional(v.unknown()), ready: v.optional(v.unknown()) }))

/** What workers() returned last before the scenario came to `mark`. */
function listAt(recording: Recording, mark: string): Listed | undefined {
  const at = markOf(recording, mark)
  const outcomes = calls(recording, 'list').map((call) => outcomeOf(recording, call))
  const last = outcomes.findLast((outcome) => at && outcome && isBefore(recording, outcome.event, at))
  if (!last) return undefined
  const list = returned(last, List) ?? []
  return {
    pids: list.map(({ pid }) => Number(pid)),
    ready: list.filter(({ ready }) => ready === true).map(({ pid }) => Number(pid)),
    text: JSON.stringify(last.value ?? null),
    event: last.event,
  }
}

function isSame(some: number[], others: number[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one))
}

/** A worker was killed, and not replaced like this; or not every task was done. */
export function replacesOtherwise(recording: Recording): Shortfall | undefined {
  const [first, another] = told(recording, 'worker-gone')
  const [asked] = told(recording, 'worker-asked')
  if (!marked(recording, 'one was dead') || !first) return reached(recording, 'one was dead')
  const dead = `Worker ${first.data.pid} was`
  if (another && asked) {
    return {
      seen: `${dead} killed. After that, ${times(told(recording, 'worker-gone').length - 1, 'other worker')} stopped too.`,
      looksLike: 'replaces-all',
      show: [first, asked, another],
      wrong: { event: asked, instead: 'nothing, because this worker was fine' },
    }
  }
  const look = listAt(recording, 'looked at the list')
  if (look?.pids.includes(first.data.pid)) {
    const seen = `${dead} dead, but workers() still listed it: ${look.text}.`
    return { seen, looksLike: 'lists-the-dead', show: [first, look.event], instead: 'only the workers that are alive' }
  }
  const fourth = told(recording, 'worker-started')[3]
  const hadItsTime = marked(recording, 'it had its time')
  if (!fourth && hadItsTime) {
    const seen = `${dead} killed, and you hadn't replaced it ${START_MS / 1000} s later.`
    return { seen, looksLike: 'never-replaced', show: [first, look?.event, awaited(recording)] }
  }
  const other = fourth && misconfigured(recording, fourth)
  if (other) return other
  if (fourth && hadItsTime && !told(recording, 'worker-ready')[3]) {
    const seen = `${dead} killed. You started another one, but it still wasn't ready ${START_MS / 1000} s later.`
    return { seen, show: [first, fourth, awaited(recording)] }
  }
  const list = listAt(recording, 'all was done')
  if (list && list.ready.length !== WORKERS) {
    const seen = `${dead} killed and replaced. All ${WORKERS} workers had sent 'ready', but workers() returned ${list.text}.`
    return { seen, show: [first, ...told(recording, 'worker-ready'), list.event] }
  }
  if (!hadItsTime || marked(recording, 'all was done')) return reached(recording, 'all was done')
  const done = told(recording, 'worker-done')
  const count = new Set(done.map(({ data }) => data.task)).size
  const seen = `A worker was killed in the middle of a task. In the end, only ${count} of ${TASKS} tasks were done.`
  return { seen, show: [first, ...done, awaited(recording)] }
}

/** One that had died was counted as ready, or one that had replaced it was not. */
export function countsOtherwise(recording: Recording): Shortfall | undefined {
  const saidSo = told(recording, 'worker-ready')
  // Its own line to the lab may be heard to end after its parent has noticed.
  const [gone] = [...told(recording, 'worker-gone'), ...told(recording, 'child-exited')].sort((a, b) => a.ms - b.ms)
  const early = tooSoon(recording)
  if (early) {
    const hasDied = gone !== undefined && gone.ms < early.ms
    return {
      seen: hasDied
        ? "One of two workers sent 'ready' and died, and then the other one sent 'ready'. The ready promise resolved, although the first worker's replacement hadn't sent 'ready'."
        : "The ready promise resolved, although one of two workers hadn't sent 'ready'.",
      looksLike: hasDied ? 'counts-the-dead' : 'ready-too-early',
      show: [saidSo[0], ...(hasDied ? [gone, saidSo[1]] : []), early],
      wrong: { event: early, instead: TOO_SOON },
    }
  }
  const isPending = told(recording, 'cluster-ready').length === 0 && saidSo.length > 2
  if (!isPending || !marked(recording, 'one of two is still not ready')) return undefined
  const seen =
    "One of two workers sent 'ready', died, and was replaced. Both workers were ready after that, but the ready promise was still pending."
  return { seen, show: [gone, ...saidSo, awaited(recording)] }
}

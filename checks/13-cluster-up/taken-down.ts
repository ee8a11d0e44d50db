import {
  atBroker,
  awaited,
  marked,
  processes,
  type Recording,
  type Shortfall,
  said,
  settled,
  times,
  told,
  until,
} from '../../lab/check/evidence.ts'
import { reached } from './evidence.ts'
import { KILLED_MS, STOP_MS } from './scenarios.ts'

/** How the cluster is taken down. */

const GRACE_MS = 3000
/** Whoever is asked so late was not asked together with the others. */
const LATE_MS = 1800
/** Whoever is killed by then was not waited for. */
const AT_ONCE_MS = 1000

/** A worker was not asked with SIGTERM, or not given its time. */
export function endsWithoutGrace(recording: Recording): Shortfall | undefined {
  const [called] = told(recording, 'stop-called')
  if (!called) return reached(recording, 'in the middle')
  const asked = told(recording, 'worker-asked')
  const started = told(recording, 'worker-started')
  for (const exit of told(recording, 'child-exited')) {
    const { pid, signal, code, atMs } = exit.data
    // One that was started after stop() is told elsewhere.
    if (startedAfterStop(recording).some(({ data }) => data.pid === pid)) continue
    const worker = started.find(({ data }) => data.pid === pid)
    const wasAsked = asked.find(({ data }) => data.nth === worker?.data.nth)
    const afterMs = atMs - called.data.atMs
    if (!wasAsked) {
      return {
        seen: `stop() was called, and worker ${pid} ended (${signal ?? `exit code ${code}`}) without getting a SIGTERM first.`,
        looksLike: afterMs < AT_ONCE_MS ? 'kills-at-once' : 'one-by-one',
        show: [called, exit],
        wrong: { event: exit, instead: 'a SIGTERM, and time to finish' },
      }
    }
    const isLast = wasAsked.ms - called.ms > LATE_MS
    const graceMs = isLast ? exit.ms - wasAsked.ms : afterMs
    if (signal !== 'SIGKILL' || graceMs >= GRACE_MS * 0.9) continue
    return {
      seen: `Worker ${pid} got SIGTERM${isLast ? ` ${Math.round(wasAsked.ms - called.ms)} ms after stop() was called, and SIGKILL only ${Math.round(graceMs)} ms later` : `, and SIGKILL only ${Math.round(graceMs)} ms after stop() was called`}.`,
      looksLike: isLast ? 'one-by-one' : 'short-grace',
      show: [called, wasAsked, exit],
      wrong: { event: exit, instead: `no SIGKILL for at least ${GRACE_MS} ms` },
    }
  }
  const unable = reached(recording, 'nothing came after it')
  if (unable) return unable
  if ([1, 2, 3].some((nth) => !asked.some(({ data }) => data.nth === nth))) {
    const seen = `stop() was called, but ${times(3 - asked.length, 'worker')} never got a SIGTERM.`
    return { seen, show: [called, ...asked, awaited(recording)] }
  }
  const ofSecond = ({ data }: { data: { nth: number } }) => data.nth === 2
  if (told(recording, 'worker-done').some(ofSecond)) return undefined
  const second = started.find(ofSecond)?.data.pid
  const killed = told(recording, 'child-exited').find(({ data }) => data.pid === second && data.signal === 'SIGKILL')
  // It had its time, or the loop above had told of it: the machine was too slow for its two seconds.
  if (killed) return undefined
  const seen = 'A worker got SIGTERM and needed two more seconds for its task, but it ended before the task was done.'
  return { seen, looksLike: 'short-grace', show: [asked.find(ofSecond), told(recording, 'worker-gone').find(ofSecond)] }
}

/** Workers that were started when stop() had been called, on the clock of their parent. */
function startedAfterStop(recording: Recording) {
  const [called] = told(recording, 'stop-called')
  return told(recording, 'child-started').filter(({ data }) => called && data.atMs > called.data.atMs)
}

/** The cluster was not ready when it was stopped: a worker of it was left. */
export function leavesTheUnready(recording: Recording): Shortfall | undefined {
  const [called] = told(recording, 'stop-called')
  const [resolved] = told(recording, 'stopped')
  const look = atBroker(recording, 'workers').at(-1)
  const [left] = look?.data.alive ?? []
  if (!called || left === undefined || startedAfterStop(recording).some(({ data }) => data.pid === left))
    return undefined
  const started = told(recording, 'worker-started').find(({ data }) => data.pid === left)
  return {
    seen: `stop() was called before worker ${left} was ready. That worker never got a SIGTERM, and was still running ${resolved ? 'after stop() resolved' : 'when the scenario ended'}.`,
    looksLike: 'leaves-the-unready',
    show: [started, called, resolved, look],
  }
}

/** A worker that does not hear was left, or stop() did not wait for its end. */
export function leavesTheDeaf(recording: Recording): Shortfall | undefined {
  const [called] = told(recording, 'stop-called')
  if (!called) return reached(recording, 'in the middle')
  const [resolved] = told(recording, 'stopped')
  const rejected = settled(recording, 'stop')
  if (rejected?.ok === false) return { seen: `stop() rejected: ${said(rejected)}`, show: [called, rejected.event] }
  const exits = told(recording, 'child-exited')
  const ofDeaf = ({ data }: { data: { nth: number } }) => data.nth === 3
  const killMs = exits.find(({ data }) => data.signal === 'SIGKILL')?.data.atMs ?? Number.NEGATIVE_INFINITY
  const graceMs = killMs - called.data.atMs
  if (!told(recording, 'worker-gone').some(ofDeaf) || graceMs > KILLED_MS) {
    const isLate = graceMs > KILLED_MS
    return {
      seen: `One worker did not react to SIGTERM. ${isLate ? `It got SIGKILL ${Math.round(graceMs / 1000)} s after stop() was called, but the limit is 10 s` : `${STOP_MS / 1000} s after stop() was called, it was still running`}.`,
      looksLike: isLate ? 'long-grace' : 'no-sigkill',
      show: [called, told(recording, 'worker-asked').find(ofDeaf), resolved ?? awaited(recording)],
    }
  }
  if (!resolved) return reached(recording, 'nothing more')
  // On the clock of the parent, which hears of an end before its promise can resolve.
  const before = told(recording, 'child-started').filter(({ data }) => data.atMs < called.data.atMs)
  const late = exits.find(
    ({ data }) => data.atMs > (resolved.data.atMs ?? 0) && before.some((started) => started.data.pid === data.pid),
  )
  if (!late) return undefined
  return {
    seen: 'stop() resolved while workers were still running.',
    looksLike: 'does-not-wait',
    show: [called, resolved, late],
    wrong: { event: resolved, instead: 'stop() resolves after the last worker has ended' },
  }
}

/** stop() had been called, and another worker was started. */
export function replacesAfterStop(recording: Recording): Shortfall | undefined {
  const [called] = told(recording, 'stop-called')
  const [late] = startedAfterStop(recording)
  if (!called || !late) return undefined
  return {
    seen: `You started another worker ${Math.round(late.data.atMs - called.data.atMs)} ms after stop() was called.`,
    looksLike: 'replaces-after-stop',
    show: [called, told(recording, 'child-exited').at(-1), late],
    wrong: { event: late, instead: 'nothing, because you are taking the cluster down' },
  }
}

/** It was stopped before it was ready: ready did not reject, or stop() did not resolve. */
export function keepsReady(recording: Recording): Shortfall | undefined {
  const [resolved] = told(recording, 'cluster-ready')
  const [called] = told(recording, 'stop-called')
  const isRejected = told(recording, 'cluster-not-ready').length > 0
  const answer = settled(recording, 'stop')
  const isStopped = marked(recording, 'was stopped')
  if (isStopped && resolved) {
    const seen = 'The cluster was never ready, but ready resolved.'
    return { seen, looksLike: 'ready-too-early', show: [resolved] }
  }
  if (isStopped && answer?.ok && !isRejected) {
    const seen = 'stop() was called before the cluster was ready. stop() resolved, but ready was still pending.'
    return { seen, looksLike: 'ready-pending', show: [called, told(recording, 'stopped')[0]] }
  }
  if (isRejected && marked(recording, 'nothing came after it')) return undefined
  const unable = reached(recording, 'in between')
  if (unable) return unable
  if (answer?.ok === false) return { seen: `stop() rejected: ${said(answer)}`, show: [answer.event] }
  if (answer) return reached(recording, 'nothing came after it')
  const seen = `stop() was called before the cluster was ready, and ${STOP_MS / 1000} s later stop() was still pending.`
  return { seen, show: [called, awaited(recording)] }
}

/** Workers or their parent were still there when it had got the signal. */
export function leftBehind(recording: Recording): Shortfall | undefined {
  const [sent] = processes(recording, 'signalled')
  const [exit] = processes(recording, 'exited')
  const look = atBroker(recording, 'workers').at(-1)
  if (!sent || !look) return reached(recording, 'looked who was left')
  const { signal } = sent
  const { alive } = look.data
  const asked = told(recording, 'worker-asked')
  if (alive.length > 0) {
    const hasDied = exit?.signal === signal
    const isEarly = told(until(recording, sent), 'cluster-ready').length === 0
    return {
      seen: `Your process got ${signal}${isEarly ? ' before all of its workers were ready,' : ''} and ${exit ? 'ended, but' : 'did not end, and'} ${alive.length === 1 ? 'one worker was' : `${alive.length} workers were`} still running: ${alive.join(', ')}.`,
      looksLike: hasDied && asked.length === 0 ? 'no-signal-handler' : exit ? 'exits-too-soon' : 'no-sigkill',
      show: [sent, ...asked, exit, look],
      wrong: { event: exit, instead: 'all workers end first' },
    }
  }
  if (exit) return undefined
  const seen = `Your process got ${signal}, and its workers ended. ${STOP_MS / 1000} s later, your process was still running, with nothing left to do.`
  return { seen, looksLike: 'parent-stays', show: [sent, ...asked, awaited(recording)] }
}

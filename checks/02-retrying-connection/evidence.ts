import {
  type Connection,
  connections,
  findings,
  frames,
  marked,
  markOf,
  notReached,
  type Outcome,
  type Recording,
  reached,
  type Shortfall,
  said,
  settled,
  times,
  told,
  until,
  waits,
} from '../../lab/check/evidence.ts'
import { gaveUp, shown } from '../shared/connecting.ts'
import { BREAKS, OVERSLEPT, QUICK, SHORT, TIMEOUT_MS } from './scenarios.ts'

/** What became of the call that the lab made under this name. */
export function outcome(recording: Recording, name = 'first'): Outcome | undefined {
  return settled(recording, 'connect', (args) => (args.name ?? 'first') === name)
}

/** The connections that the lab broke. */
function broken(recording: Recording): Connection[] {
  return connections(recording).filter(({ end }) => end?.by === 'lab')
}

/** It stopped after one of the breaks of the handshake. */
export function stoppedAtABreak(recording: Recording): Shortfall | undefined {
  const failed = broken(recording)
  const last = BREAKS[failed.length - 1]
  const isNew = last !== undefined && BREAKS.indexOf(last) === failed.length - 1
  const broke =
    failed.length > 1
      ? `The lab broke ${failed.length} attempts. It ${brokenBy(last?.detail, 'the last one')}.`
      : `The lab ${brokenBy(last?.detail, 'the first attempt')}.`
  const sentence = failed.length > 0 ? `${broke} Then connectWithRetry()` : 'connectWithRetry()'
  return gaveUp(outcome(recording), sentence, {
    show: shown(recording, failed.at(-1)),
    looksLike: failed.length < 2 ? 'no-retry' : isNew ? 'one-kind-of-failure' : 'gives-up',
  })
}

/** Of 'reset at connection.start': 'reset the last one instead of forwarding connection.start'. */
function brokenBy(detail = '', which: string): string {
  const [how, at] = detail.split(' at ')
  const what = at === 'protocol-header' ? 'the protocol header' : at
  const when = at === 'accept' ? 'as soon as it arrived' : `instead of forwarding ${what}`
  return `${how === 'reset' ? 'reset' : 'closed'} ${which} ${when}`
}

/** It stopped at a closed port, after some number of attempts. */
export function stoppedCounting(recording: Recording): Shortfall | undefined {
  const tries = told(recording, 'attempt')
  // Whoever does not try again at all is told so where the broker comes up late.
  if (tries.length < 2) return undefined
  const show = [...tries.slice(0, 2), markOf(recording, 'a day later'), tries.at(-1)]
  const looksLike = 'gives-up'
  const day = markOf(recording, 'a day later')
  const closed = `The port stayed closed${day ? ", and the lab set your process's clocks forward by a day" : ''}.`
  const sentence = `${closed} After ${times(tries.length, 'attempt')}, connectWithRetry()`
  const rejected = gaveUp(outcome(recording), sentence, { show, looksLike })
  const [end] = findings(recording)
  if (rejected || !end) return rejected
  return {
    seen: `${closed} Your service made ${times(tries.length, 'attempt')}. ${end.sentence}`,
    looksLike: end.id === 'exited' ? looksLike : undefined,
    show: [...show, end],
    instead: 'another attempt, after a wait',
  }
}

/** It was connected in the end. Whoever sleeps on for too long has not given up: that is for the waits to judge. */
export function goesOn(recording: Recording): Shortfall | undefined {
  if (marked(recording, 'no other attempt came')) return notReached('no attempt came within maxDelayMs')
  const missing = reached(recording, 'connected')
  return missing && told(recording, 'attempt').length < 2
    ? notReached('your service had stopped at the first failure')
    : missing
}

/** It stopped before a broker that was late was there. */
export function stoppedTooSoon(recording: Recording): Shortfall | undefined {
  const tries = told(recording, 'attempt')
  const sentence = `The broker wasn't up yet. After ${times(tries.length, 'attempt')}, connectWithRetry()`
  const looksLike = tries.length <= 1 ? 'no-retry' : 'gives-up'
  return gaveUp(outcome(recording), sentence, { show: tries.slice(0, 2), looksLike })
}

export function unusable(recording: Recording): Shortfall | undefined {
  const use = settled(recording, 'use')
  if (use?.ok) return undefined
  const seen = `connectWithRetry() resolved, but the lab couldn't create a channel: ${use ? said(use) : ''}`
  return { seen, show: [use?.event] }
}

/** Nothing of the service's kept the process alive while it waited: only the lab did. */
export function letGo(recording: Recording): Shortfall | undefined {
  const inWait = told(recording, 'next-attempt').filter(({ data }) => data.kept !== undefined)
  const [first] = inWait
  if (!first || inWait.some(({ data }) => data.kept)) return undefined
  return {
    seen: `Your service waited for about ${first.data.waitedMs} ms without keeping the process alive. Outside the lab, the process would have exited during the wait.`,
    looksLike: 'unref-wait',
    show: inWait,
    wrong: { event: first, instead: 'a timer that keeps the process alive until the next attempt' },
  }
}

/** The lab notes a failure before the service knows of it, and an attempt after it began: noise makes no wait shorter. */
export function hasty(recording: Recording, shut: Recording): Shortfall | undefined {
  // The shortest says most plainly what is wrong.
  const [short, ...others] = waits(recording).toSorted((one, other) => one.ms - other.ms)
  if (!short) return reached(recording, 'connected')
  if (short.ms >= 0.9 * SHORT.delayMs) return hastyLater(shut)
  // Where nobody waits at all, a busy machine makes a few seem long: less so by the clock of the process.
  const own = told(recording, 'next-attempt').flatMap(({ data }) => data.waitedMs ?? [])
  const all = own.length > 0 ? own : others.map(({ ms }) => ms)
  const isKept = all.filter((ms) => ms >= 0.9 * SHORT.delayMs).length > all.length / 2
  return {
    seen: `delayMs was ${SHORT.delayMs}, but your service made an attempt only ${short.ms.toFixed(1)} ms after the previous one failed.`,
    looksLike: isKept ? 'falls-short' : 'no-wait',
    show: [short.failure.event, ...shown(recording, short.next)],
    wrong: { event: short.next.accepted, instead: `an attempt ${SHORT.delayMs} ms or more after the failure` },
  }
}

/** Among a great many waits, a few were too short: the clock of the process is off by some milliseconds now and then. */
const A_FEW = 5

function hastyLater(recording: Recording): Shortfall | undefined {
  const all = told(recording, 'next-attempt').filter(({ data }) => data.waitedMs !== undefined)
  // On a busy machine a short timer ends late, too: what it was set to tells.
  const waitedMs = ({ data: { waitedMs = 0, timersMs = waitedMs } }: (typeof all)[number]) =>
    Math.min(waitedMs, timersMs)
  const short = all.filter((wait) => waitedMs(wait) < 0.75 * QUICK.delayMs)
  const [first] = short
  if (short.length < A_FEW || !first) return undefined
  return {
    seen: `delayMs was ${QUICK.delayMs}, but ${short.length} of ${times(all.length, 'wait')} were too short. The first of them came after attempt ${all.indexOf(first) + 1} and lasted ${waitedMs(first)} ms.`,
    looksLike: short.length === all.length ? 'no-wait' : 'falls-short',
    show: short.slice(0, 3),
    wrong: { event: first, instead: `an attempt ${QUICK.delayMs} ms or more after the failure` },
  }
}

/** No attempt came when maxDelayMs had long passed. */
export function overslept(recording: Recording): Shortfall | undefined {
  const mark = markOf(recording, 'no other attempt came')
  if (!mark) return reached(recording, 'connected')
  const last = waits(recording).slice(-3)
  const took = last.map(({ ms }) => ms.toFixed(0))
  const late = last.findLast(({ next }) => next.acceptedMs > mark.ms)
  const failure = connections(recording).findLast(({ end }) => end && end.ms <= mark.ms)?.end?.event
  return {
    seen: `maxDelayMs was ${SHORT.maxDelayMs}${took.length > 0 ? `, but the last waits took ${took.join(', ')} ms` : ''}.${late ? '' : ` After the ${took.length > 0 ? 'next' : 'first'} failure, your service made no attempt for more than ${OVERSLEPT * 10} ms.`}`,
    looksLike: 'no-cap',
    show: [...last.flatMap(({ failure, next }) => [failure.event, next.accepted]), failure, mark],
    wrong: {
      event: late?.next.accepted ?? mark,
      instead: `an attempt at most ${SHORT.maxDelayMs} ms after the failure`,
    },
  }
}

/** A timer of the lab's in the process is due ten times in each wait, and before the service's own: it did not run. */
export function blocked(recording: Recording): Shortfall | undefined {
  const inWait = told(recording, 'next-attempt').filter(({ data }) => (data.waitedMs ?? 0) > 50)
  if (inWait.some(({ data }) => (data.turns ?? 0) > 0)) return undefined
  if (inWait.length === 0) {
    const seen = "Your service didn't wait, so there was nothing to check."
    return reached(recording, 'used') ?? { seen, looksLike: 'no-wait' }
  }
  return {
    seen: `Your service waited ${times(inWait.length, 'time')} for about ${inWait[0]?.data.waitedMs} ms, blocking everything else in the process.`,
    looksLike: 'blocks-the-loop',
    show: inWait,
    wrong: { event: inWait[0], instead: "the lab's own timer in the same process fires during the wait" },
  }
}

/** onRetry was not told of each failed attempt that was tried again, or of one that was not. */
export function miscounted(recording: Recording, login: Recording, aborted: Recording): Shortfall | undefined {
  const looksLike = 'miscounts-retries'
  const calls = told(recording, 'retry')
  const failed = broken(recording).length
  const later = Map.groupBy(told(aborted, 'retry'), ({ data }) => data.name)
  for (const [nth, calls] of [told(recording, 'retry'), ...later.values()].entries()) {
    const at = calls.findIndex(({ data }, i) => data.attempt !== i + 1 || !data.isError)
    const wrong = calls[at]
    if (!wrong) continue
    const { attempt, isError } = wrong.data
    const had = `${JSON.stringify(attempt) ?? 'nothing'} as the attempt number${isError ? '' : ', and no Error'}`
    return {
      seen: `${nth > 1 ? 'The lab called connectWithRetry() again in the same process. Call' : 'Call'} ${at + 1} to onRetry passed ${had}.`,
      looksLike,
      show: nth > 1 ? told(until(aborted, wrong), 'retry').concat(wrong) : calls.slice(0, Math.max(3, at + 1)),
      wrong: { event: wrong, instead: `attempt ${at + 1}, with the error` },
    }
  }
  // Where the scenario ended before the service connected, the last failure was not retried, or not yet.
  const least = marked(recording, 'connected') ? failed : failed - 1
  if (failed > 1 && (calls.length < least || calls.length > failed)) {
    const seen = `${times(failed, 'attempt')} failed, but your service called onRetry ${times(calls.length, 'time')}.`
    const instead = 'one call for each failed attempt that will be retried'
    return { seen, looksLike, show: calls.slice(-3), instead }
  }
  const [unasked] = told(login, 'retry')
  if (unasked && connections(login).length <= 2 && outcome(login, unasked.data.name)?.ok === false) {
    const seen = "The broker refused the login. Your service didn't retry, but it called onRetry."
    return { seen, looksLike, show: [unasked], instead: 'no call, because there is no retry to report' }
  }
  return calls.length > 0 ? undefined : reached(recording, 'connected')
}

/** It did not give up an attempt at a peer that says nothing. */
export function hung(recording: Recording): Shortfall | undefined {
  if (marked(recording, 'tried again')) return impatient(recording)
  const [first] = connections(recording)
  const show = shown(recording, first)
  const sentence = 'The peer sent nothing, and connectWithRetry()'
  const short = gaveUp(outcome(recording), sentence, { show, looksLike: 'one-kind-of-failure' })
  if (short) return short
  if (!first || first.end || findings(recording).length > 0) return reached(recording, 'tried again')
  return {
    seen: `timeoutMs was ${TIMEOUT_MS}, and the peer sent nothing during the first attempt. After a second and a half, your service still hadn't made another attempt.`,
    looksLike: 'no-timeout',
    show: [...show, markOf(recording, 'no second attempt')],
    instead: `a second attempt, soon after timeoutMs (${TIMEOUT_MS} ms)`,
  }
}

/** An attempt was dropped before its time, by the process's own timers. Whoever left it open has begun two at once. */
function impatient(recording: Recording): Shortfall | undefined {
  const [next] = told(recording, 'next-attempt')
  if (!next?.data.isEarly || next.data.lastOpen) return undefined
  const [first, second] = connections(recording)
  return {
    seen: `timeoutMs was ${TIMEOUT_MS}, but your service gave up on the first attempt before that, and made another ${next.data.sinceMs} ms after the first.`,
    looksLike: 'impatient',
    show: shown(recording, first, second),
    wrong: {
      event: second?.accepted,
      instead: `a second attempt, but not before timeoutMs (${TIMEOUT_MS} ms) has passed`,
    },
  }
}

/** A second attempt began while the first was open. A socket that was given up may stay for a while, but not before. */
export function overlapped(recording: Recording): Shortfall | undefined {
  const [next] = told(recording, 'next-attempt')
  const [first, second] = connections(recording)
  if (!next?.data.isEarly || !next.data.lastOpen) {
    return reached(recording, 'tried again') && notReached('there was no second attempt')
  }
  return {
    seen: `timeoutMs was ${TIMEOUT_MS}, but your service made a second attempt after ${next.data.sinceMs} ms, while the first one's socket was still open.`,
    looksLike: 'attempts-overlap',
    show: shown(recording, first, second),
    wrong: { event: second?.accepted, instead: 'no second attempt while the first one is open' },
  }
}

/** The answer to an attempt that was given up came late, and opened a second connection. */
export function leaked(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'connected') || marked(recording, 'one connection') || findings(recording).length > 0) {
    return marked(recording, 'no connection') ? undefined : reached(recording, 'one connection')
  }
  const open = connections(recording).filter(({ end }) => !end)
  const answer = frames(recording, 'connection.open-ok').find(({ connection }) => connection === open[0]?.connection)
  return {
    seen: `connectWithRetry() resolved with one connection, but ${open.length} were open: connections ${open.map(({ connection }) => connection).join(' and ')}.`,
    looksLike: 'leaks-late-connection',
    show: shown(recording, ...open),
    wrong: { event: answer, instead: 'a closed socket, because your service had given up on this attempt' },
  }
}

import {
  check,
  findings,
  marked,
  type Recording,
  reached,
  type Settlement,
  said,
  settled,
  times,
  told,
} from '../lab/check/check.ts'
import { type Connection, connections } from '../lab/recording/connections.ts'
import type { RecordedEvent } from '../lab/recording/recording.ts'
import { closeInHandshake } from '../lab/wire/faults/close-in-handshake.ts'
import { refuse } from '../lab/wire/faults/refuse.ts'
import { reset } from '../lab/wire/faults/reset.ts'
import { silent } from '../lab/wire/faults/silent.ts'

const { scenario, step, expectation } = check('02-retrying-connection', {
  misconceptions: {
    'no-retry': 'It looks as if one failure ends it: a service that starts before its broker has to try again.',
    'gives-up': 'It looks as if the attempts are counted: a broker may take longer than any number of attempts.',
    'one-kind-of-failure':
      'It looks as if only some failures are tried again: a connection that is reset or closed during the handshake is a failure like a refused port.',
    'no-wait': 'It looks as if the next attempt does not wait for delayMs: a broker that is coming up is hammered.',
    'no-cap':
      'It looks as if the waits grow without regard to maxDelayMs: the broker is back, and the service sleeps on.',
    'blocks-the-loop':
      'It looks as if the process is kept busy while it waits: use a timer, so that everything else in it goes on.',
    'miscounts-retries': 'onRetry is for each failed attempt that will be tried again, and counts from 1.',
    'no-timeout': 'It looks as if an attempt may take forever: a peer that accepts and says nothing hangs the service.',
    'attempts-overlap': 'It looks as if a new attempt begins while the last one is still open.',
    'leaks-late-connection':
      'It looks as if an attempt that was given up is forgotten, but not closed: when its answer comes after all, a second connection stays open.',
    'retries-refusal': 'It looks as if every error is tried again: a refused login will be refused the next time too.',
    'hides-refusal': "It looks as if the broker's own error is lost: whoever has to mend the password needs to see it.",
    'wait-ignores-abort': 'It looks as if the wait does not listen to the signal.',
    'attempt-ignores-abort': 'It looks as if an attempt does not listen to the signal.',
    'tries-after-abort': 'It looks as if the loop goes on behind the rejected promise.',
    'wrong-reason':
      'An abort rejects with signal.reason itself, so that the caller knows its own abort from a failure.',
    'starts-when-aborted': 'It looks as if a signal that is aborted before the start is not looked at.',
    'abort-after-success':
      'It looks as if the signal still has its hand on the connection: it is for trying, not for what came of it.',
    'no-error-listener':
      "It looks as if nobody listens for the connection's 'error' event: Node then ends the process.",
  },
})

/** Long enough to ask the process something while it waits. */
const DELAY_MS = 200
/** Short, for many failures in a row; growing waits meet their limit soon. */
const SHORT_DELAY_MS = 40
const SHORT_MAX_MS = 80
const FAILURES = 12
/** Nobody who keeps SHORT_MAX_MS sleeps this long, on the slowest machine. */
const OVERSLEPT_MS = 2500
const TIMEOUT_MS = 400
/** Rejecting needs nothing but the event loop. */
const MOMENTS_MS = 4000

const late = scenario('the broker comes up late', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const service = await stage.student()
  const call = service.call('connect', { url: stage.url, options: { delayMs: DELAY_MS, maxDelayMs: 2 * DELAY_MS } })
  // Two waits, and in each a question whether the process is free to answer.
  for (const count of [1, 2]) {
    await service.whilePending(call, (signal) =>
      service.told('attempt-ended', { count, signal, what: `attempt ${count} at the closed port` }),
    )
    await service.ping()
  }
  stage.mark('waited twice')
  await closed.off()
  await service.settled(call, 'connectWithRetry()')
  await service.ask('use')
  stage.mark('used')
  await stage.wire.switchOn(reset())
  // Two answers: the loss has reached the process, and it is still there.
  await service.ping()
  await service.ping()
  stage.mark('lived on')
})

const broken = scenario('the handshake breaks again and again', async (stage) => {
  const kinds = [
    closeInHandshake({ at: 'accept', how: 'reset' }),
    closeInHandshake({ at: 'protocol-header', how: 'end' }),
    closeInHandshake({ at: 'connection.start', how: 'reset' }),
    closeInHandshake({ at: 'connection.tune', how: 'end' }),
  ]
  let fault = await stage.wire.switchOn(kinds[0] as (typeof kinds)[number])
  const service = await stage.student()
  const options = { delayMs: SHORT_DELAY_MS, maxDelayMs: SHORT_MAX_MS }
  const call = service.call('connect', { url: stage.url, options })
  for (let failure = 1; failure <= FAILURES; failure++) {
    const limitMs = failure === 1 ? 10_000 : OVERSLEPT_MS
    await service.whilePending(call, (signal) => stage.wire.accepts(failure, { limitMs, signal }))
    await stage.wire.ends({ connection: failure })
    const before = fault
    // The next one is on before this one is off: no attempt slips through between them.
    const next = kinds[failure % kinds.length]
    if (failure < FAILURES && next) fault = await stage.wire.switchOn(next)
    await before.off()
  }
  stage.mark('failed often')
  await service.settled(call, 'connectWithRetry()')
  stage.mark('connected')
})

const mute = scenario('a peer that says nothing', async (stage) => {
  const nothing = await stage.wire.switchOn(silent({ answer: 'late' }))
  const service = await stage.student()
  const options = { delayMs: 50, maxDelayMs: 100, timeoutMs: TIMEOUT_MS }
  const call = service.call('connect', { url: stage.url, options })
  await service.whilePending(call, (signal) => stage.wire.accepts(2, { limitMs: 6000, signal }))
  stage.mark('tried again')
  // Whoever forgot the first attempt without closing it gets its answer now.
  await nothing.off()
  await service.settled(call, 'connectWithRetry()')
  stage.mark('connected')
  await stage.openConnections(1)
  stage.mark('one connection')
})

const refused = scenario('the login is refused', async (stage) => {
  const service = await stage.student()
  const options = { delayMs: 50, maxDelayMs: 100 }
  const url = new URL(stage.url)
  url.password = 'wrong'
  await service.ask('connect', { url: url.href, name: 'credentials', options })
  stage.mark('refused credentials')
  url.href = stage.url
  url.pathname = '/no-such-virtual-host'
  await service.ask('connect', { url: url.href, name: 'vhost', options })
  stage.mark('refused virtual host')
  // No later event shows that a loop has ended which only waits: its longest wait has to pass.
  await stage.quiet('no attempt came after the refusals', 300)
})

const abortedWait = scenario('aborted while it waits', async (stage) => {
  await stage.wire.switchOn(closeInHandshake({ at: 'accept', how: 'reset' }))
  const service = await stage.student()
  await service.ask(
    'connect',
    { url: stage.url, name: 'before', aborted: true, options: { delayMs: 50, maxDelayMs: 50 } },
    { limitMs: MOMENTS_MS },
  )
  stage.mark('aborted before the start')
  const begun = stage.mark('long')
  const long = service.call('connect', { url: stage.url, name: 'long', options: { delayMs: 20_000 } })
  await stage.wire.ends({ after: begun })
  await service.ping()
  service.tell('abort', { name: 'long' })
  await service.settled(long, 'connectWithRetry(), aborted while it waited,', { limitMs: MOMENTS_MS })
  stage.mark('aborted the long wait')
  const again = stage.mark('short')
  const short = service.call('connect', { url: stage.url, name: 'short', options: { delayMs: 150, maxDelayMs: 150 } })
  await stage.wire.ends({ after: again })
  await service.ping()
  service.tell('abort', { name: 'short' })
  await service.settled(short, 'connectWithRetry(), aborted while it waited,', { limitMs: MOMENTS_MS })
  stage.mark('aborted the short wait')
  await stage.quiet('no attempt came after the abort', 450)
})

const abortedAttempt = scenario('aborted in the middle of an attempt', async (stage) => {
  const nothing = await stage.wire.switchOn(silent({ answer: 'late' }))
  const service = await stage.student()
  const options = { delayMs: 50, maxDelayMs: 100, timeoutMs: 20_000 }
  const call = service.call('connect', { url: stage.url, options })
  await stage.wire.accepts(1)
  await service.ping()
  service.tell('abort', { name: 'first' })
  await service.settled(call, 'connectWithRetry(), aborted in mid-attempt,', { limitMs: MOMENTS_MS })
  stage.mark('aborted the attempt')
  await nothing.off()
  await stage.openConnections(0)
  stage.mark('no connection left')
  await service.ask('connect', { url: stage.url, name: 'second', options })
  service.tell('abort', { name: 'second' })
  await service.ping()
  await service.ask('use')
  stage.mark('used after a late abort')
})

step('It keeps trying', () => {
  expectation('connects once a broker that was late is up', late, (recording) => {
    const connected = outcome(recording, 'first')
    const tries = told(recording, 'attempt-ended').length
    if (connected && !connected.ok) {
      return {
        seen: `The broker was not up yet. After ${times(tries, 'attempt')} connectWithRetry() rejected: ${said(connected)}`,
        looksLike: tries <= 1 ? 'no-retry' : 'gives-up',
        show: [...told(recording, 'attempt').slice(0, 2), connected.event],
      }
    }
    const missing = reached(recording, 'used')
    return missing && tries === 1 ? { ...missing, looksLike: 'no-retry' } : missing
  })

  expectation('keeps trying, however often and however the handshake breaks', broken, (recording) => {
    const failed = failures(recording)
    const connected = outcome(recording, 'first')
    if (connected && !connected.ok) {
      return {
        seen: `After ${times(failed.length, 'failed attempt')} connectWithRetry() rejected: ${said(connected)}`,
        looksLike: failed.length <= 4 ? 'one-kind-of-failure' : 'gives-up',
        show: [failed.at(-1)?.accepted, failed.at(-1)?.ended?.event, connected.event],
      }
    }
    // Whoever sleeps on for too long has not given up: that is for the waits to judge.
    if (failed.length >= 4 && oversleeps(recording)) return undefined
    return reached(recording, 'connected')
  })
})

step('It waits between attempts', () => {
  expectation('waits delayMs or more after a failed attempt', broken, (recording) => {
    const short = waits(recording).find((wait) => wait.ms < 0.9 * SHORT_DELAY_MS)
    if (short) {
      return {
        seen: `delayMs was ${SHORT_DELAY_MS}, but an attempt came ${short.ms.toFixed(1)} ms after the failure of the one before.`,
        looksLike: 'no-wait',
        show: [short.failure, short.next],
      }
    }
    return waits(recording).length >= 3 ? undefined : reached(recording, 'failed often')
  })

  expectation('never waits longer than maxDelayMs', broken, (recording) => {
    if (oversleeps(recording)) {
      const all = waits(recording)
      const last = all.slice(-4).map((wait) => wait.ms.toFixed(0))
      const slept = marked(recording, 'failed often') ? '' : `, and the next one more than ${OVERSLEPT_MS} ms`
      return {
        seen: `maxDelayMs was ${SHORT_MAX_MS}, but the last waits took ${last.join(', ')} ms${slept}.`,
        looksLike: 'no-cap',
        show: [all.at(-1)?.failure, all.at(-1)?.next],
      }
    }
    return reached(recording, 'failed often')
  })

  expectation('leaves the event loop free while it waits', late, (recording) => {
    const pongs = told(recording, 'pong').slice(0, 2)
    const quickest = Math.min(...pongs.map((event) => Number(event.data.ms)))
    if (pongs.length > 0 && quickest > 0.6 * DELAY_MS) {
      return {
        seen: `The lab asked your process something in each wait of ${DELAY_MS} ms, and the quickest answer took ${quickest.toFixed(0)} ms.`,
        looksLike: 'blocks-the-loop',
        show: pongs,
      }
    }
    const blocked = findings(recording).find((finding) => finding.id === 'blocked')
    if (blocked) return { seen: blocked.sentence, looksLike: 'blocks-the-loop', show: [blocked] }
    return reached(recording, 'waited twice')
  })

  expectation('tells onRetry about each failed attempt that it will retry', broken, (recording) => {
    const calls = told(recording, 'retry')
    const failed = failures(recording).length
    const wrong = calls.findIndex(({ data }, i) => data.attempt !== i + 1 || data.isError !== true)
    // The failure that came last may not have been told yet where the scenario ended early.
    const least = marked(recording, 'failed often') ? failed : failed - 1
    if (wrong === -1 && calls.length >= least && calls.length <= failed && failed >= 3) return undefined
    if (failed < 3) return reached(recording, 'failed often')
    const call = calls[wrong]?.data
    return {
      seen: call
        ? `Call ${wrong + 1} of onRetry had ${JSON.stringify(call.attempt) ?? 'nothing'} as its attempt${call.isError === true ? '' : ', and no Error'}.`
        : `${times(failed, 'attempt')} failed and were tried again, but onRetry was called ${times(calls.length, 'time')}.`,
      looksLike: 'miscounts-retries',
      show: calls.slice(0, 3),
    }
  })
})

step('It gives up an attempt that hangs', () => {
  expectation('gives up an attempt that takes longer than timeoutMs', mute, (recording) => {
    if (marked(recording, 'tried again')) return undefined
    const [first] = attempts(recording)
    const connected = outcome(recording, 'first')
    if (connected && !connected.ok) {
      return {
        seen: `The peer said nothing, and connectWithRetry() rejected: ${said(connected)}`,
        looksLike: 'no-retry',
        show: [first?.accepted, connected.event],
      }
    }
    if (!first || first.ended) return reached(recording, 'tried again')
    return {
      seen: `timeoutMs was ${TIMEOUT_MS}, but 6 s after the first attempt had met a peer that says nothing, no second one had come.`,
      looksLike: 'no-timeout',
      show: [first.accepted, recording.events.find((event) => event.kind === 'awaited')],
    }
  })

  expectation('makes one attempt at a time', mute, (recording) => {
    const [first, second] = attempts(recording)
    // An attempt that was given up may leave its socket behind for a while; one that was not must have the field to itself.
    const early = first && second && second.accepted.ms - first.accepted.ms < TIMEOUT_MS / 2
    if (early && !(first.ended && first.ended.ms <= second.accepted.ms)) {
      return {
        seen: `timeoutMs was ${TIMEOUT_MS}, but a second attempt came ${(second.accepted.ms - first.accepted.ms).toFixed(0)} ms after the first, which was still open.`,
        looksLike: 'attempts-overlap',
        show: [first.accepted, second.accepted],
      }
    }
    return second || (first && !first.ended) ? undefined : reached(recording, 'tried again')
  })

  expectation('leaves no second connection behind when the answer comes late', mute, (recording) => {
    const open = attempts(recording).filter((attempt) => !attempt.ended)
    if (marked(recording, 'connected') && !marked(recording, 'one connection')) {
      return {
        seen: `connectWithRetry() had returned its connection, but ${open.length} connections were open: ${open.map(({ connection }) => connection).join(' and ')}.`,
        looksLike: 'leaks-late-connection',
        show: open.flatMap((attempt) => [attempt.accepted, attempt.opened]),
      }
    }
    return reached(recording, 'one connection')
  })
})

step('It knows when to stop', () => {
  for (const [name, mark, what] of [
    ['credentials', 'refused credentials', 'the password was wrong'],
    ['vhost', 'refused virtual host', 'there was no such virtual host'],
  ] as const) {
    expectation(`does not retry a refused login (${what})`, refused, (recording) => {
      const answer = outcome(recording, name)
      const mine = attemptsOf(recording, name)
      if (mine.length > 1) {
        return {
          seen: `The broker said no, because ${what}, and ${times(mine.length - 1, 'more attempt')} followed.`,
          looksLike: 'retries-refusal',
          show: mine.slice(0, 2).flatMap((attempt) => [attempt.ended?.event, attempt.accepted]),
        }
      }
      if (answer?.ok)
        return {
          seen: `The broker said no, because ${what}, but connectWithRetry() resolved.`,
          looksLike: 'hides-refusal',
          show: [answer.event],
        }
      const missing = reached(recording, mark) ?? reached(recording, 'no attempt came after the refusals')
      if (missing) return missing
      if (answer && !/ACCESS.REFUSED|NOT.ALLOWED|\b(403|530)\b|ConnectionClose|vhost/i.test(said(answer))) {
        return {
          seen: `connectWithRetry() rejected with: ${said(answer)}`,
          looksLike: 'hides-refusal',
          show: [mine[0]?.ended?.event, answer.event],
        }
      }
      return undefined
    })
  }

  expectation('stops waiting when it is aborted', abortedWait, (recording) => {
    return reached(recording, 'aborted before the start') ?? abortedInTime(recording, 'long', 'wait-ignores-abort')
  })

  expectation('stops an attempt when it is aborted, and leaves no connection', abortedAttempt, (recording) => {
    const shortfall = abortedInTime(recording, 'first', 'attempt-ignores-abort')
    if (shortfall) return shortfall
    const open = attempts(recording).filter((attempt) => !attempt.ended)
    if (marked(recording, 'aborted the attempt') && !marked(recording, 'no connection left') && open.length > 0) {
      return {
        seen: 'The attempt was aborted, then its answer came after all, and the connection stayed open.',
        looksLike: 'leaks-late-connection',
        show: open.flatMap((attempt) => [attempt.accepted, attempt.opened]),
      }
    }
    return reached(recording, 'no connection left')
  })

  expectation('makes no attempt after an abort', abortedWait, (recording) => {
    const before = attemptsOf(recording, 'before')
    if (before.length > 0) {
      return {
        seen: 'The signal was aborted before the call, but an attempt was made.',
        looksLike: 'starts-when-aborted',
        show: [before[0]?.accepted],
      }
    }
    const aborts = recording.events.filter((event) => event.kind === 'asked' && event.name === 'abort')
    const short = aborts.find((event) => event.kind === 'asked' && JSON.stringify(event.data).includes('short'))
    const later = short && attempts(recording).find((attempt) => attempt.accepted.ms > short.ms)
    // The abort and an attempt may cross on their way; the wait had only just begun, so this one did not.
    if (later && later.accepted.ms - short.ms > 20) {
      return {
        seen: `The signal was aborted, and ${(later.accepted.ms - short.ms).toFixed(0)} ms after that another attempt came.`,
        looksLike: 'tries-after-abort',
        show: [short, later.accepted],
      }
    }
    return reached(recording, 'no attempt came after the abort')
  })

  expectation('leaves the connection alone when the abort comes after success', abortedAttempt, (recording) => {
    const second = outcome(recording, 'second')
    const aborted = recording.events.findLast((event) => event.kind === 'asked' && event.name === 'abort')
    const lost =
      aborted &&
      second?.ok &&
      attempts(recording).find((attempt) => attempt.opened && attempt.ended && attempt.ended.ms > aborted.ms)
    if (lost || (marked(recording, 'used after a late abort') && !settled(recording, 'use')?.ok)) {
      return {
        seen: 'The signal was aborted after connectWithRetry() had resolved, and the connection could not be used any more.',
        looksLike: 'abort-after-success',
        show: [second?.event, aborted, lost ? lost.ended?.event : undefined],
      }
    }
    return reached(recording, 'used after a late abort')
  })
})

step('Its connection may be lost', () => {
  expectation('lives on when the connection is lost', late, (recording) => {
    const crash = findings(recording)[0]
    if (crash && marked(recording, 'used')) {
      const loss = recording.events.find((event) => event.kind === 'tcp' && event.what === 'reset')
      return {
        seen: `The connection was reset, and the process ended. ${crash.sentence}`,
        looksLike: 'no-error-listener',
        show: [loss, crash],
      }
    }
    return reached(recording, 'lived on')
  })
})

/** Every connection that the wire saw, with the events that show its beginning and its end. */
function attempts(recording: Recording) {
  return connections(recording).map(({ connection, end, reached }: Connection) => ({
    connection,
    accepted: recording.events.find(
      (event) => event.kind === 'tcp' && event.connection === connection,
    ) as RecordedEvent,
    opened:
      reached === 'open'
        ? recording.events.find(
            (event) =>
              event.kind === 'frame' && event.connection === connection && event.method === 'connection.open-ok',
          )
        : undefined,
    ended: end,
  }))
}

/** What became of the call that the lab made under this name. */
function outcome(recording: Recording, name: string): Settlement | undefined {
  return settled(recording, 'connect', (args) => (args.name ?? 'first') === name)
}

function failures(recording: Recording) {
  return attempts(recording).filter((attempt) => attempt.ended?.by === 'lab')
}

/** The waits between a failure that the lab made and the next attempt. */
function waits(recording: Recording) {
  const all = attempts(recording)
  return all.flatMap((attempt, i) => {
    const next = all[i + 1]
    if (!next || attempt.ended?.by !== 'lab') return []
    return [{ ms: next.accepted.ms - attempt.ended.ms, failure: attempt.ended.event, next: next.accepted }]
  })
}

/** One long wait may be a busy machine's. Three in a row, or one that never ended, are the service's. */
function oversleeps(recording: Recording): boolean {
  const last = waits(recording)
    .slice(-3)
    .map((wait) => wait.ms)
  const grew = Math.min(...last) > SHORT_MAX_MS + 250
  const sleptOn = !marked(recording, 'failed often') && !outcome(recording, 'first') && findings(recording).length === 0
  return last.length === 3 && (grew || (sleptOn && Math.min(...last) > SHORT_MAX_MS + 60))
}

/** The attempts between a call's start and the next call's. */
function attemptsOf(recording: Recording, name: string) {
  const calls = recording.events.filter((event) => event.kind === 'asked' && event.name === 'connect')
  const at = calls.findIndex(
    (event) => event.kind === 'asked' && JSON.stringify(event.data).includes(`"name":"${name}"`),
  )
  const from = calls[at]?.ms ?? Number.POSITIVE_INFINITY
  const to = calls[at + 1]?.ms ?? Number.POSITIVE_INFINITY
  return attempts(recording).filter((attempt) => attempt.accepted.ms >= from && attempt.accepted.ms < to)
}

/** An aborted call rejects within moments, with the signal's reason. */
function abortedInTime(recording: Recording, name: string, misconception: string) {
  const answer = outcome(recording, name)
  const aborted = recording.events.find(
    (event) => event.kind === 'asked' && event.name === 'abort' && JSON.stringify(event.data).includes(name),
  )
  if (!aborted) return reached(recording, 'aborted')
  if (!answer) {
    if (findings(recording).length > 0) return reached(recording, 'aborted')
    return {
      seen: `The signal was aborted, but ${MOMENTS_MS / 1000} s later connectWithRetry() was still pending.`,
      looksLike: misconception,
      show: [aborted],
    }
  }
  if (answer.ok || answer.error?.code !== 'SIGNAL_REASON') {
    return {
      seen: `The signal was aborted, and connectWithRetry() ${answer.ok ? 'resolved' : `rejected with: ${said(answer)}`}`,
      looksLike: 'wrong-reason',
      show: [aborted, answer.event],
    }
  }
  return undefined
}

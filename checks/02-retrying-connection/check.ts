import { check, expectation, step } from '../../lab/check/check.ts'
import {
  findings,
  marked,
  type Recording,
  reached,
  type Settlement,
  type Shortfall,
  type Stage,
  said,
  settled,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { type Connection, connections } from '../../lab/recording/connections.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import type { Student } from '../../lab/student/student.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { inTurn } from '../../lab/wire/faults/in-turn.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { silent } from '../../lab/wire/faults/silent.ts'

// Nothing here may be judged by how quick the machine is. What should come is given turns (see inTurns), which pass only
// while both processes run. What must not come early is compared with a lower limit, and a busy machine only makes it
// later. What must come in an order is told by one process over one line.

/** The broker has to answer within this, too; where a busy one does not, the next attempt may. */
const TIMEOUT_MS = 250
/** Where the broker's answer is judged: no attempt may end for the broker's slowness. */
const PATIENT = { timeoutMs: 60_000 }
/** Rejecting, or dropping a socket, needs nothing but the event loop: 100 turns, a second at least, are plenty. */
const MOMENTS = 100
/** For what needs the broker as well. */
const LONG = 500

/** Short waits, for many failures in a row; growing ones meet their limit soon. */
const SHORT = { delayMs: 20, maxDelayMs: 40, ...PATIENT }
/** In turns: the longest wait and 200 ms. Timers run in the order in which they are due, so no right wait lasts that long. */
const OVERSLEPT = (SHORT.maxDelayMs + 200) / 10
const A = closeInHandshake({ at: 'connection.start', how: 'reset' })
const B = closeInHandshake({ at: 'protocol-header', how: 'end' })
const C = closeInHandshake({ at: 'accept', how: 'reset' })
const D = closeInHandshake({ at: 'connection.tune', how: 'end' })
/** Who stops at the first B, C or D does not try that kind again; who stops elsewhere (at 3, 5, 10) has counted. */
const BREAKS = [A, B, B, C, C, D, D, A, B, C, D]

const mute = scenario('a peer that says nothing', async (stage) => {
  const nothing = await stage.wire.switchOn(silent({ answer: 'late' }))
  const service = await stage.student()
  const options = { delayMs: 20, maxDelayMs: 40, timeoutMs: TIMEOUT_MS }
  const call = service.call('connect', { url: stage.url, options })
  // One and a half seconds at least, for a timeout and a wait.
  if (!(await inTurns(service, 150, () => attempts(stage) > 1 || hasSettled(stage, call))))
    return void stage.mark('no second attempt')
  if (attempts(stage) < 2) return
  stage.mark('tried again')
  // Whoever forgot the first attempt without closing it gets its answer now.
  await nothing.off()
  if (!(await service.settled(call, 'connectWithRetry()', { limitMs: 20_000 })).ok) {
    // Whether it may give up is judged elsewhere; what it leaves behind is judged here all the same.
    if (await closes(stage, service, () => open(stage) === 0)) stage.mark('no connection')
    return
  }
  stage.mark('connected')
  if (!(await closes(stage, service, () => open(stage) === 1))) return
  stage.mark('one connection')
  // The timer of that attempt, if it still runs, goes off within timeoutMs of its beginning.
  const begunMs = connections(stage.recorder).at(-1)?.acceptedMs ?? 0
  const leftMs = TIMEOUT_MS + 20 - (stage.recorder.now() - begunMs)
  await inTurns(service, Math.ceil(leftMs / 10), () => open(stage) === 0)
  stage.mark('timeoutMs after success')
})

const broken = scenario('the handshake breaks again and again', async (stage) => {
  await stage.wire.switchOn(inTurn(BREAKS))
  const service = await stage.student()
  const call = service.call('connect', { url: stage.url, options: SHORT })
  for (let failure = 1; failure <= BREAKS.length; failure++) {
    await service.whilePending(call, (signal) => stage.wire.ends({ connection: failure, signal }))
    const goesOn = () => attempts(stage) > failure || hasSettled(stage, call)
    if (!(await inTurns(service, OVERSLEPT, goesOn))) return void stage.mark('no other attempt came')
  }
  await service.settled(call, 'connectWithRetry()')
  stage.mark('connected')
})

const refused = scenario('the login is refused', async (stage) => {
  const service = await stage.student()
  const wrong = { credentials: new URL(stage.url), vhost: new URL(stage.url) }
  wrong.credentials.password = 'wrong'
  wrong.vhost.pathname = '/no-such-virtual-host'
  for (const [name, { href: url }] of Object.entries(wrong)) {
    const before = attempts(stage)
    const call = service.call('connect', { url, name, options: { delayMs: 20, maxDelayMs: 40, ...PATIENT } })
    await inTurns(service, LONG, () => hasSettled(stage, call) || attempts(stage) > before + 1)
    // No later event shows that a loop has ended which only waits: its longest wait has to pass.
    if (await inTurns(service, 10, () => attempts(stage) > before + 1)) return
    stage.mark(`refused ${name}`)
  }
})

const late = scenario('the broker comes up late', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const service = await stage.student()
  const call = service.call('connect', { url: stage.url, bare: true, options: { delayMs: 100, maxDelayMs: 200 } })
  await service.whilePending(call, (signal) =>
    service.told('attempt-ended', { count: 2, signal, what: 'a second attempt at the closed port' }),
  )
  await closed.off()
  await service.settled(call, 'connectWithRetry()')
  await service.ask('use')
  stage.mark('used')
})

const abortedWait = scenario('aborted while it waits', async (stage) => {
  await stage.wire.switchOn(C)
  const service = await stage.student()
  const short = service.call('connect', {
    url: stage.url,
    name: 'short',
    options: { delayMs: 100, maxDelayMs: 100 },
  })
  await service.told('attempt-ended', { what: 'a failed attempt' })
  await abort('short', short, stage, service)
  // Again, only the end of its longest wait shows that no attempt comes.
  await inTurns(service, 20, () => attempts(stage) > 1)
  const early = service.call('connect', { url: stage.url, name: 'early', aborted: true, options: SHORT })
  await inTurns(service, MOMENTS, () => hasSettled(stage, early) || attempts(stage) > 1)
  stage.mark('no attempt came after the aborts')
  const begun = stage.mark('a long wait')
  const long = service.call('connect', { url: stage.url, name: 'long', options: { delayMs: 20_000 } })
  await service.told('attempt-ended', { after: begun, what: 'a failed attempt' })
  await abort('long', long, stage, service)
})

const abortedAttempt = scenario('aborted in the middle of an attempt, and after it', async (stage) => {
  const nothing = await stage.wire.switchOn(silent({ answer: 'late' }))
  const service = await stage.student()
  const options = { delayMs: 50, maxDelayMs: 100, ...PATIENT }
  const first = service.call('connect', { url: stage.url, options })
  await service.whilePending(first, (signal) => stage.wire.accepts(1, { signal }))
  await abort('first', first, stage, service)
  await nothing.off()
  await inTurns(service, 20, () => attempts(stage) > 1)
  if (await closes(stage, service, () => !!connections(stage.recorder)[0]?.end)) stage.mark('no connection left')
  const second = service.call('connect', { url: stage.url, name: 'second', options })
  await service.settled(second, 'connectWithRetry()')
  await abort('second', second, stage, service)
  const use = service.call('use')
  await inTurns(service, LONG, () => hasSettled(stage, use))
  stage.mark('used after a late abort')
  if (open(stage) === 0) return
  const loss = stage.mark('the loss')
  await stage.wire.switchOn(reset())
  // The socket is gone in the process, and it still answers.
  await service.told('attempt-ended', { after: loss, what: 'the end of the connection' })
  await service.ping()
  stage.mark('lived on')
})

/** How many attempts the wire has seen so far. */
function attempts({ recorder }: Stage): number {
  return connections(recorder).length
}

/** How many connections nobody has ended or closed so far. */
function open({ recorder }: Stage): number {
  return connections(recorder).filter(({ end }) => !end).length
}

/** Gives the service moments to close what it should, from when every connection has had its answer. */
async function closes(stage: Stage, service: Student, done: () => boolean): Promise<boolean> {
  await inTurns(service, LONG, () => connections(stage.recorder).every(({ end, openMs }) => end ?? openMs))
  return inTurns(service, MOMENTS, done)
}

/** Aborts the signal of a call, and marks what becomes of the call within moments. */
async function abort(name: string, call: number, stage: Stage, service: Student): Promise<void> {
  service.tell('abort', { name })
  await service.told('aborted', { where: (data) => data.name === name, what: 'your process to take the abort in' })
  stage.mark((await inTurns(service, MOMENTS, () => hasSettled(stage, call))) ? `settled ${name}` : `pending ${name}`)
}

/** What became of the call that the lab made under this name. */
function outcome(recording: Recording, name: string): Settlement | undefined {
  return settled(recording, 'connect', (args) => (args.name ?? 'first') === name)
}

function became(settlement: Settlement): string {
  return settlement.ok ? 'resolved' : `rejected with: ${said(settlement)}`
}

/** A call that rejected with an error of the code's own shows no misconception about retrying. */
function isBug({ error }: Settlement): boolean {
  return /^(Type|Reference|Range)Error$/.test(error?.name ?? '')
}

function unusable(recording: Recording): Shortfall | undefined {
  const use = settled(recording, 'use')
  if (use?.ok) return undefined
  return {
    seen: `connectWithRetry() resolved, but no channel could be made: ${use ? said(use) : ''}`,
    show: [use?.event],
  }
}

function brokenByTheLab({ end }: Connection): boolean {
  return end?.by === 'lab'
}

/** The waits between a failure that the lab made and the next attempt. */
function waits(recording: Recording): { ms: number; failure: RecordedEvent; next: Connection }[] {
  const all = connections(recording)
  return all.flatMap(({ end }, i) => {
    const next = all[i + 1]
    return next && end?.by === 'lab' ? [{ ms: next.acceptedMs - end.ms, failure: end.event, next }] : []
  })
}

/** The connection that was opened last. */
function opened(recording: Recording): Connection | undefined {
  return connections(recording).findLast(({ openMs }) => openMs !== undefined)
}

/** The lab's call under this name. */
function connect(recording: Recording, name: string): RecordedEvent | undefined {
  return recording.events.find(
    (event) =>
      event.kind === 'asked' && event.name === 'connect' && JSON.stringify(event.data).includes(`"name":"${name}"`),
  )
}

function abortOf(recording: Recording, name: string): RecordedEvent | undefined {
  return told(recording, 'aborted').find(({ data }) => data.name === name)
}

/** The attempts between a call and the next one. */
function attemptsOf(recording: Recording, name: string): Connection[] {
  const calls = recording.events.filter((event) => event.kind === 'asked' && event.name === 'connect')
  const call = connect(recording, name)
  const next = call && calls[calls.indexOf(call) + 1]
  return connections(recording).filter(
    ({ acceptedMs }) => call && acceptedMs >= call.ms && !(next && acceptedMs >= next.ms),
  )
}

/** What shows these connections: that they came, were opened, and ended; the whole handshake of one that never was. */
function shown(recording: Recording, ...which: (Connection | undefined)[]): RecordedEvent[] {
  return recording.events.filter((event) =>
    which.some(
      (one) =>
        one?.end?.event === event ||
        ((event.kind === 'tcp' || event.kind === 'frame') &&
          event.connection === one?.connection &&
          (event.kind === 'tcp' ? event.what === 'accepted' : !one.openMs || event.method === 'connection.open-ok')),
    ),
  )
}

/** An aborted call rejects within moments, with the signal's reason. */
function afterAbort(recording: Recording, name: string, misconception: string): Shortfall | undefined {
  const answer = outcome(recording, name)
  const aborted = abortOf(recording, name)
  const pending = recording.events.find((event) => event.kind === 'mark' && event.name === `pending ${name}`)
  if (aborted && pending) {
    return {
      seen: `The signal was aborted, but ${((pending.ms - aborted.ms) / 1000).toFixed(1)} s later connectWithRetry() was still pending.`,
      looksLike: misconception,
      show: [aborted, pending],
      wrong: { event: pending, instead: 'the call rejects within moments of the abort' },
    }
  }
  const missing = reached(recording, `settled ${name}`)
  if (missing || !answer || !aborted || answer.error?.code === 'SIGNAL_REASON') return missing
  const early = answer.event.ms < aborted.ms
  return {
    seen: `${early ? 'Before' : 'After'} the signal was aborted, connectWithRetry() ${became(answer)}`,
    looksLike: early || isBug(answer) ? undefined : 'wrong-reason',
    show: [aborted, answer.event],
    wrong: { event: answer.event, instead: 'the call rejects with signal.reason itself' },
  }
}

/** That a connection came. */
/** The broker's answer on the oldest of these connections: it came when another attempt had begun. */
function lateAnswer(recording: Recording, [oldest]: Connection[]): RecordedEvent | undefined {
  return recording.events.find(
    (event) =>
      event.kind === 'frame' && event.method === 'connection.open-ok' && event.connection === oldest?.connection,
  )
}

function opening(recording: Recording, connection: number | undefined): RecordedEvent | undefined {
  return recording.events.find(
    (event) => event.kind === 'tcp' && event.what === 'accepted' && event.connection === connection,
  )
}

/** The login is refused once, and not tried again. */
function refusedOnce(name: string, what: string) {
  return (recording: Recording): Shortfall | undefined => {
    const answer = outcome(recording, name)
    const [first, ...more] = attemptsOf(recording, name)
    if (more.length > 0) {
      return {
        seen: `The broker said no, because ${what}, and ${times(more.length, 'more attempt')} followed.`,
        looksLike: 'retries-refusal',
        show: [...shown(recording, first), opening(recording, more[0]?.connection)],
        wrong: {
          event: opening(recording, more[0]?.connection),
          instead: 'no second attempt: the answer will be no again',
        },
      }
    }
    const missing = reached(recording, `refused ${name}`)
    if (missing || !answer) return missing ?? { seen: `The broker said no, because ${what}, and nothing followed.` }
    if (answer.ok || !/ACCESS.REFUSED|NOT.ALLOWED|\b(403|530)\b|ConnectionClose|vhost/i.test(said(answer))) {
      return {
        seen: `The broker said no, because ${what}, but connectWithRetry() ${became(answer)}`,
        looksLike: isBug(answer) ? undefined : 'hides-refusal',
        show: [...shown(recording, first), answer.event],
        wrong: { event: answer.event, instead: "the call rejects with the broker's own error" },
      }
    }
    return undefined
  }
}

export default check('02-retrying-connection', [
  step(
    'It keeps trying',
    expectation('keeps trying, however often and however the handshake breaks', broken, (recording) => {
      const failed = connections(recording).filter(brokenByTheLab)
      const connected = outcome(recording, 'first')
      if (connected && !connected.ok) {
        const last = BREAKS[failed.length - 1]
        const isNew = last !== undefined && BREAKS.indexOf(last) === failed.length - 1
        return {
          seen: `The lab broke ${times(failed.length, 'attempt')}, the last one with '${last?.detail}'. Then connectWithRetry() rejected: ${said(connected)}`,
          looksLike: isBug(connected)
            ? undefined
            : failed.length < 2
              ? 'no-retry'
              : isNew
                ? 'one-kind-of-failure'
                : 'gives-up',
          show: [...shown(recording, failed.at(-1)), connected.event],
          wrong: { event: connected.event, instead: 'another attempt, after a wait' },
        }
      }
      // Whoever sleeps on for too long has not given up: that is for the waits to judge.
      return marked(recording, 'no other attempt came') ? undefined : reached(recording, 'connected')
    }),

    expectation('connects once a broker that was late is up', late, (recording) => {
      const connected = outcome(recording, 'first')
      const tries = told(recording, 'attempt').length
      if (connected && !connected.ok) {
        return {
          seen: `The broker was not up yet. After ${times(tries, 'attempt')} connectWithRetry() rejected: ${said(connected)}`,
          looksLike: isBug(connected) ? undefined : tries <= 1 ? 'no-retry' : 'gives-up',
          show: [...told(recording, 'attempt').slice(0, 2), connected.event],
          wrong: { event: connected.event, instead: 'another attempt, after a wait' },
        }
      }
      return reached(recording, 'used') ?? unusable(recording)
    }),
  ),
  step(
    'It waits between attempts',
    // The lab notes a failure before the service knows of it, and an attempt after it began: noise makes no wait shorter.
    expectation('waits delayMs or more after a failed attempt', broken, (recording) => {
      const all = waits(recording)
      // The shortest says most plainly what is wrong.
      const short = all.toSorted((one, other) => one.ms - other.ms)[0]
      if (short && short.ms < 0.9 * SHORT.delayMs) {
        return {
          seen: `delayMs was ${SHORT.delayMs}, but an attempt came ${short.ms.toFixed(1)} ms after the failure of the one before.`,
          looksLike: 'no-wait',
          show: [short.failure, ...shown(recording, short.next)],
          wrong: {
            event: opening(recording, short.next.connection),
            instead: `not before ${SHORT.delayMs} ms have passed`,
          },
        }
      }
      return all.length > 0 ? undefined : reached(recording, 'connected')
    }),

    expectation('never waits longer than maxDelayMs', broken, (recording) => {
      if (!marked(recording, 'no other attempt came')) return reached(recording, 'connected')
      const last = waits(recording).slice(-3)
      const failure = connections(recording).at(-1)?.end?.event
      const overslept = recording.events.find(
        (event) => event.kind === 'mark' && event.name === 'no other attempt came',
      )
      const before =
        last.length === 0 ? '' : `The last waits took ${last.map(({ ms }) => ms.toFixed(0)).join(', ')} ms. `
      return {
        seen: `maxDelayMs was ${SHORT.maxDelayMs}. ${before}After the next failure more than ${OVERSLEPT * 10} ms passed, and no attempt came.`,
        looksLike: 'no-cap',
        show: [...last.map(({ failure }) => failure), failure, overslept],
        wrong: { event: overslept, instead: `an attempt, ${SHORT.maxDelayMs} ms after the failure at the latest` },
      }
    }),

    // A timer of the lab's in the process is due ten times in each wait, and before the service's own: it runs first.
    expectation('leaves the event loop free while it waits', late, (recording) => {
      const inWait = told(recording, 'next-attempt').filter(({ data }) => Number(data.waitedMs) > 50)
      if (inWait.some(({ data }) => Number(data.turns) > 0)) return undefined
      if (inWait.length > 0) {
        return {
          seen: `Your service waited ${times(inWait.length, 'time')} for ${inWait[0]?.data.waitedMs} ms or so, and in that time nothing else in the process could run.`,
          looksLike: 'blocks-the-loop',
          show: inWait,
          wrong: { event: inWait[0], instead: 'a timer of the lab in the same process goes off during the wait' },
        }
      }
      return reached(recording, 'used') ?? { seen: 'Your service did not wait, so there was nothing to look at.' }
    }),

    expectation('tells onRetry about each failed attempt that it will retry', [broken, refused], (recording, login) => {
      const calls = told(recording, 'retry')
      const failed = connections(recording).filter(brokenByTheLab).length
      const wrong = calls.find(({ data }, i) => data.attempt !== i + 1 || data.isError !== true)
      if (wrong) {
        const { attempt, isError } = wrong.data
        return {
          seen: `Call ${calls.indexOf(wrong) + 1} of onRetry had ${JSON.stringify(attempt) ?? 'nothing'} as its attempt${isError ? '' : ', and no Error'}.`,
          looksLike: 'miscounts-retries',
          show: calls.slice(0, Math.max(3, calls.indexOf(wrong) + 1)),
          wrong: { event: wrong, instead: `attempt ${calls.indexOf(wrong) + 1}, with the error` },
        }
      }
      // Where the scenario ended before the service connected, the last failure was not retried, or not yet.
      const least = marked(recording, 'connected') ? failed : failed - 1
      if (failed > 1 && (calls.length < least || calls.length > failed)) {
        return {
          seen: `${times(failed, 'attempt')} failed, but onRetry was called ${times(calls.length, 'time')}.`,
          looksLike: 'miscounts-retries',
          show: calls.slice(-3),
          wrong: { event: calls.at(-1), instead: 'one call for each failed attempt that will be tried again' },
        }
      }
      const [unasked] = told(login, 'retry')
      if (unasked && connections(login).length <= 2 && outcome(login, String(unasked.data.name))?.ok === false) {
        return {
          seen: 'The login was refused and not tried again, but onRetry was called.',
          looksLike: 'miscounts-retries',
          show: [unasked],
          wrong: { event: unasked, instead: 'no call: there is no retry to tell of' },
        }
      }
      return calls.length > 0 ? undefined : reached(recording, 'connected')
    }),
  ),
  step(
    'It gives up an attempt that hangs',
    expectation('gives up an attempt that takes longer than timeoutMs, and tries again', mute, (recording) => {
      if (marked(recording, 'tried again')) return undefined
      const [first] = connections(recording)
      const connected = outcome(recording, 'first')
      if (connected && !connected.ok) {
        return {
          seen: `The peer said nothing, and connectWithRetry() rejected: ${said(connected)}`,
          looksLike: isBug(connected) ? undefined : 'one-kind-of-failure',
          show: [...shown(recording, first), connected.event],
          wrong: { event: connected.event, instead: 'another attempt, after a wait' },
        }
      }
      if (!first || first.end || findings(recording).length > 0) return reached(recording, 'tried again')
      const end = recording.events.find((event) => event.kind === 'mark' && event.name === 'no second attempt')
      return {
        seen: `timeoutMs was ${TIMEOUT_MS}, but a second and a half after the first attempt had met a peer that says nothing, no second one had come.`,
        looksLike: 'no-timeout',
        show: [...shown(recording, first), end],
        wrong: { event: end, instead: `a second attempt, soon after timeoutMs (${TIMEOUT_MS} ms)` },
      }
    }),

    // Measured by the process's own clock, from one beginning to the next: noise makes that only longer.
    expectation('makes one attempt at a time', mute, (recording) => {
      const [next] = told(recording, 'next-attempt')
      // A socket that was given up may stay for a while; one that was not must have the field to itself. Both times are the
      // process's own, so no right exercise comes sooner than its timeout.
      if (next?.data.lastOpen === true && Number(next.data.sinceMs) < 0.8 * TIMEOUT_MS) {
        return {
          seen: `timeoutMs was ${TIMEOUT_MS}, but a second attempt came ${next.data.sinceMs} ms after the first, which was still open.`,
          looksLike: 'attempts-overlap',
          show: shown(recording, ...connections(recording).slice(0, 2)),
          wrong: { event: opening(recording, 2), instead: 'the first attempt has to be over by now' },
        }
      }
      return connections(recording).length > 0 ? undefined : reached(recording, 'tried again')
    }),

    expectation('leaves no second connection behind when the answer comes late', mute, (recording) => {
      if (marked(recording, 'connected') && !marked(recording, 'one connection') && findings(recording).length === 0) {
        const open = connections(recording).filter(({ end }) => !end)
        return {
          seen: `connectWithRetry() had returned its connection, but ${open.length} connections were open: ${open.map(({ connection }) => connection).join(' and ')}.`,
          looksLike: 'leaks-late-connection',
          show: shown(recording, ...open),
          wrong: {
            event: lateAnswer(recording, open),
            instead: 'a closed socket: this attempt was given up before',
          },
        }
      }
      return marked(recording, 'no connection') ? undefined : reached(recording, 'one connection')
    }),
  ),
  step(
    'It knows when to stop',
    expectation(
      'does not retry a refused login (the password was wrong)',
      refused,
      refusedOnce('credentials', 'the password was wrong'),
    ),
    expectation(
      'does not retry a refused login (there was no such virtual host)',
      refused,
      refusedOnce('vhost', 'there was no such virtual host'),
    ),
    expectation('stops waiting when it is aborted, and rejects with the reason', abortedWait, (recording) => {
      return afterAbort(recording, 'long', 'wait-ignores-abort')
    }),

    expectation('stops an attempt when it is aborted, and leaves no connection', abortedAttempt, (recording) => {
      const shortfall = afterAbort(recording, 'first', 'attempt-ignores-abort')
      if (shortfall || marked(recording, 'no connection left')) return shortfall
      const [first] = connections(recording)
      if (!first?.openMs) return reached(recording, 'no connection left')
      return {
        seen: 'The attempt was aborted, then its answer came after all, and the connection stayed open.',
        looksLike: 'leaks-late-connection',
        show: shown(recording, first),
        wrong: { event: shown(recording, first).at(-1), instead: 'the socket is closed when the attempt is aborted' },
      }
    }),

    // The driver tells of the abort before it aborts, and of each attempt as it begins, over the same line.
    expectation('makes no attempt after an abort', [abortedWait, abortedAttempt], (inWait, inAttempt) => {
      for (const [recording, name, next] of [
        [inWait, 'short', 'early'],
        [inWait, 'early', 'long'],
        [inAttempt, 'first', 'second'],
      ] as const) {
        const early = name === 'early'
        const aborted = early ? connect(recording, name) : abortOf(recording, name)
        const until = connect(recording, next)
        const later =
          aborted && told(recording, 'attempt').find(({ ms }) => ms > aborted.ms && !(until && ms >= until.ms))
        if (later) {
          return {
            seen: early
              ? 'The signal was aborted before the call, but an attempt was made.'
              : `The signal was aborted, and ${(later.ms - aborted.ms).toFixed(0)} ms after that another attempt began.`,
            looksLike: early ? 'starts-when-aborted' : 'tries-after-abort',
            show: [aborted, later],
            wrong: { event: later, instead: 'no attempt comes after an abort' },
          }
        }
      }
      const missing = reached(inWait, 'no attempt came after the aborts')
      const answer = outcome(inWait, 'early')
      if (missing || answer?.error?.code === 'SIGNAL_REASON') return missing
      return {
        seen: `The signal was aborted before the call. No attempt was made, but connectWithRetry() ${answer ? became(answer) : 'did not reject'}`,
        looksLike: !answer ? 'starts-when-aborted' : isBug(answer) ? undefined : 'wrong-reason',
        show: [connect(inWait, 'early'), answer?.event],
        wrong: { event: answer?.event, instead: 'the call rejects with signal.reason' },
      }
    }),

    expectation('leaves the connection alone once it is there', [abortedAttempt, mute], (recording, timed) => {
      const aborted = abortOf(recording, 'second')
      const lost = opened(recording)?.end
      const lostByAbort = lost !== undefined && aborted !== undefined && lost.by !== 'lab' && lost.ms > aborted.ms
      const useless = marked(recording, 'used after a late abort') && !settled(recording, 'use')?.ok
      if (outcome(recording, 'second')?.ok && (lostByAbort || useless)) {
        return {
          seen: 'The signal was aborted after connectWithRetry() had resolved, and the connection could not be used any more.',
          looksLike: 'abort-after-success',
          show: [aborted, lost?.event],
          wrong: { event: lost?.event, instead: 'the connection stays' },
        }
      }
      const last = opened(timed)
      if (marked(timed, 'timeoutMs after success') && last?.end) {
        return {
          seen: `timeoutMs was ${TIMEOUT_MS}. The connection was there, but ${(last.end.ms - (last.openMs ?? 0)).toFixed(0)} ms later your service ended it.`,
          looksLike: 'timeout-after-success',
          show: shown(timed, last),
          wrong: { event: last.end.event, instead: 'the connection stays' },
        }
      }
      return reached(recording, 'used after a late abort')
    }),
  ),
  step(
    'Its connection may be lost',
    expectation('lives on when the connection is lost', abortedAttempt, (recording) => {
      const [crash] = findings(recording)
      if (crash && marked(recording, 'the loss')) {
        const loss = recording.events.find((event) => event.kind === 'tcp' && event.what === 'reset')
        return {
          seen: `The connection was reset, and the process ended. ${crash.sentence}`,
          looksLike: 'no-error-listener',
          show: [loss, crash],
          wrong: { event: crash, instead: 'the process lives on' },
        }
      }
      return reached(recording, 'lived on')
    }),
  ),
])

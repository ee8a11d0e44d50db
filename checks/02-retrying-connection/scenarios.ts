import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { marked, told } from '../../lab/recording/ask.ts'
import { connections } from '../../lab/recording/connections.ts'
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
export const TIMEOUT_MS = 250
/** Where the broker's answer is judged: no attempt may end for the broker's slowness. */
const PATIENT = { timeoutMs: 60_000 }
/** Rejecting, or dropping a socket, needs nothing but the event loop: 100 turns, a second at least, are plenty. */
const MOMENTS = 100
/** For what needs the broker as well. */
const LONG = 500
const CLOSE_MS = 5000
/** In turns: the longest wait before a reconnection that tutorials have, and a bit. */
const RECONNECTION = 550

/** Short waits, for many failures in a row; growing ones meet their limit soon. */
export const SHORT = { delayMs: 20, maxDelayMs: 40, ...PATIENT }
/** In turns: the longest wait and 200 ms. Timers run in the order in which they are due, so no right wait lasts that long. */
export const OVERSLEPT = (SHORT.maxDelayMs + 200) / 10
const A = closeInHandshake({ at: 'connection.start', how: 'reset' })
const B = closeInHandshake({ at: 'protocol-header', how: 'end' })
const C = closeInHandshake({ at: 'accept', how: 'reset' })
const D = closeInHandshake({ at: 'connection.tune', how: 'end' })
/** Waits of a few milliseconds, for a great many failures: a delay that is doubled by << is no longer one by then. */
export const QUICK = { delayMs: 4, maxDelayMs: 4, ...PATIENT }
/** More than any limit that people set. */
const MANY = 105
/** Whoever gives up after a time, and not a number, does so when the clocks of the process stand a day later. */
const A_DAY_LATER = 40
/** Who stops at the first B, C or D does not try that kind again; who stops elsewhere (at 3, 5, 10) has counted. */
export const BREAKS = [A, B, B, C, C, D, D, A, B, C, D]

export const mute = scenario(
  'a peer that says nothing',
  async (stage) => {
    const [nothing, service] = await Promise.all([stage.wire.switchOn(silent({ answer: 'late' })), stage.student()])
    const call = service.call('connect', { url: stage.url, options: { ...SHORT, timeoutMs: TIMEOUT_MS } })
    // One and a half seconds at least, for a timeout and a wait.
    if (!(await settlesOrTries(stage, service, { call, turns: 150, attempts: 2 }))) {
      return void stage.mark('no second attempt')
    }
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
  },
  { isLong: true },
)

export const broken = scenario('the handshake breaks again and again', async (stage) => {
  await stage.wire.switchOn(inTurn(BREAKS))
  const service = await stage.student()
  const call = service.call('connect', { url: stage.url, options: SHORT })
  for (let failure = 1; failure <= BREAKS.length; failure++) {
    await service.whilePending(call, (signal) => stage.wire.ends({ connection: failure, signal }))
    const next = { call, turns: OVERSLEPT, attempts: failure + 1 }
    if (await settlesOrTries(stage, service, next)) continue
    stage.mark('no other attempt came')
    // The trace is to show when it came after all.
    return void (await settlesOrTries(stage, service, { ...next, turns: RECONNECTION }))
  }
  await service.settled(call, 'connectWithRetry()')
  stage.mark('connected')
})

export const shut = scenario(
  'the port stays closed',
  async (stage) => {
    const [closed, service] = await Promise.all([stage.wire.switchOn(refuse()), stage.student()])
    const call = service.call('connect', { url: stage.url, options: QUICK })
    const tries = () => told(stage.recorder, 'attempt').length
    for (let made = 0; made < MANY; ) {
      const goesOn = await inTurns(service, OVERSLEPT, () => tries() > made || hasSettled(stage, call))
      if (hasSettled(stage, call)) return
      if (!goesOn) return void stage.mark('no other attempt came')
      made = tries()
      if (made < A_DAY_LATER || marked(stage.recorder, 'a day later')) continue
      await service.ask('skipADay')
      stage.mark('a day later')
    }
    stage.mark('tried many times')
    await closed.off()
    await service.settled(call, 'connectWithRetry()')
    stage.mark('connected')
  },
  { isLong: true },
)

/** maxDelayMs is left to the exercise. */
export const DEFAULT = { delayMs: 20_000, timeoutMs: 60_000 }
/** By then a wait that doubles, or grows by as much each time, is far above the default. */
const SOME = 5

export const unlimited = scenario('the port stays closed, and nothing says how long a wait may be', async (stage) => {
  const [service] = await Promise.all([stage.student(), stage.wire.switchOn(refuse())])
  await service.ask('hurry')
  const call = service.call('connect', { url: stage.url, options: DEFAULT })
  const tries = () => told(stage.recorder, 'attempt').length
  for (let made = 0; made < SOME; made = tries()) {
    const goesOn = await inTurns(service, MOMENTS, () => tries() > made || hasSettled(stage, call))
    if (hasSettled(stage, call)) return
    if (!goesOn) return void stage.mark('no other attempt came')
  }
  stage.mark('tried some times')
})

export const refused = scenario('the login is refused', async (stage) => {
  const service = await stage.student()
  const wrong = { credentials: new URL(stage.url), vhost: new URL(stage.url) }
  wrong.credentials.password = 'wrong'
  wrong.vhost.pathname = '/no-such-virtual-host'
  for (const [name, { href: url }] of Object.entries(wrong)) {
    const second = attempts(stage) + 2
    const call = service.call('connect', { url, name, options: SHORT })
    await settlesOrTries(stage, service, { call, turns: LONG, attempts: second })
    // No later event shows that a loop has ended which only waits: its longest wait has to pass.
    if (await inTurns(service, 10, () => attempts(stage) >= second)) return
    stage.mark(`refused ${name}`)
  }
})

export const late = scenario('the broker comes up late', async (stage) => {
  const [closed, service] = await Promise.all([stage.wire.switchOn(refuse()), stage.student()])
  const call = service.call('connect', { url: stage.url, bare: true, options: { delayMs: 100, maxDelayMs: 200 } })
  await service.whilePending(call, (signal) =>
    service.told('attempt-ended', { count: 2, signal, what: 'a second attempt at the closed port' }),
  )
  await closed.off()
  await service.settled(call, 'connectWithRetry()')
  await service.ask('use')
  stage.mark('used')
})

export const abortedWait = scenario('aborted while it waits', async (stage) => {
  await stage.wire.switchOn(C)
  const service = await stage.student()
  const { url } = stage
  const short = service.call('connect', { url, name: 'short', options: { delayMs: 100, maxDelayMs: 100 } })
  await service.told('attempt-ended', { what: 'a failed attempt' })
  await abort('short', short, stage, service)
  // Again, only the end of its longest wait shows that no attempt comes.
  await inTurns(service, 20, () => attempts(stage) > 1)
  const early = service.call('connect', { url, name: 'early', aborted: true, options: SHORT })
  await settlesOrTries(stage, service, { call: early, turns: MOMENTS, attempts: 2 })
  stage.mark('no attempt came after the aborts')
  const begun = stage.mark('a long wait')
  const long = service.call('connect', { url, name: 'long', options: { delayMs: 20_000 } })
  await service.told('attempt-ended', { after: begun, what: 'a failed attempt' })
  await abort('long', long, stage, service)
  const args = { name: 'in onRetry', aborted: 'in onRetry', options: { delayMs: 20_000 } }
  await settlesSoon('in onRetry', service.call('connect', { url, ...args }), stage, service)
})

export const abortedAttempt = scenario('aborted in the middle of an attempt', async (stage) => {
  const nothing = await stage.wire.switchOn(silent({ answer: 'late' }))
  const service = await stage.student()
  const options = { delayMs: 50, maxDelayMs: 100, ...PATIENT }
  const first = service.call('connect', { url: stage.url, options })
  await service.whilePending(first, (signal) => stage.wire.accepts(1, { signal }))
  await abort('first', first, stage, service)
  await nothing.off()
  await inTurns(service, 20, () => attempts(stage) > 1)
  if (await closes(stage, service, () => !!connections(stage.recorder)[0]?.end)) stage.mark('no connection left')
})

export const connected = scenario('connected, and what comes after that', async (stage) => {
  const service = await stage.student()
  const connect = async (name: string) => {
    const call = service.call('connect', { url: stage.url, name, options: SHORT })
    await service.settled(call, 'connectWithRetry()')
    return call
  }
  await abort('aborted', await connect('aborted'), stage, service)
  const use = service.call('use')
  await inTurns(service, LONG, () => hasSettled(stage, use))
  stage.mark('used after a late abort')
  // Whoever connects again with the same options would be stopped by the signal of the one before.
  await connect('lost')
  if (open(stage) === 0) return
  const loss = stage.mark('the loss')
  await stage.wire.switchOn(reset())
  // The socket is gone in the process, and it still answers.
  await service.told('attempt-ended', { after: loss, what: 'the end of the connection' })
  await service.ping()
  const comesBack = await connectsAgain(stage, service)
  stage.mark('lived on')
  if (comesBack) return
  stage.mark('nothing came after the loss')
  await connect('closed')
  stage.mark('closing')
  await service.ask('close', {}, { limitMs: CLOSE_MS })
  if (await connectsAgain(stage, service)) return
  stage.mark('nothing came after close()')
})

/** How many attempts the wire has seen so far. */
function attempts({ recorder }: Stage): number {
  return connections(recorder).length
}

/** How many connections nobody has ended or closed so far. */
function open({ recorder }: Stage): number {
  return connections(recorder).filter(({ end }) => !end).length
}

/** Whether one more connection comes than there are now; those who have set a timer are given the time for it, or to end. */
async function connectsAgain(stage: Stage, service: Student): Promise<boolean> {
  const before = attempts(stage)
  const isOneMore = () => attempts(stage) > before
  if (await inTurns(service, 10, isOneMore)) return true
  const { value: timers } = await service.ask('timers')
  return Number(timers) > 0 && (await inTurns(service, RECONNECTION, isOneMore))
}

/** Whether the call settles, or so many attempts have come, within these turns. */
function settlesOrTries(
  stage: Stage,
  service: Student,
  { call, turns, attempts: wanted }: { call: number; turns: number; attempts: number },
): Promise<boolean> {
  return inTurns(service, turns, () => attempts(stage) >= wanted || hasSettled(stage, call))
}

/** Gives the service moments to close what it should, from when every connection has had its answer. */
async function closes(stage: Stage, service: Student, done: () => boolean): Promise<boolean> {
  await inTurns(service, LONG, () => connections(stage.recorder).every(({ end, openMs }) => end ?? openMs))
  return inTurns(service, MOMENTS, done)
}

/** Aborts the signal of a call, and marks what becomes of the call within moments. */
async function abort(name: string, call: number, stage: Stage, service: Student): Promise<void> {
  service.tell('abort', { name })
  await settlesSoon(name, call, stage, service)
}

async function settlesSoon(name: string, call: number, stage: Stage, service: Student): Promise<void> {
  await service.told('aborted', { where: (data) => data.name === name, what: 'the signal to be aborted' })
  stage.mark((await inTurns(service, MOMENTS, () => hasSettled(stage, call))) ? `settled ${name}` : `pending ${name}`)
}

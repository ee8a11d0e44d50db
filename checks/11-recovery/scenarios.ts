import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { told } from '../../lab/recording/ask.ts'
import { connections } from '../../lab/recording/connections.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { since } from '../../lab/recording/span.ts'
import { tasks } from '../../lab/recording/tasks.ts'
import type { Student } from '../../lab/student/student.ts'
import { whileRunning } from '../../lab/student/while-running.ts'
import type { Fault } from '../../lab/wire/fault.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { halfOpen as halfOpenLink } from '../../lab/wire/faults/half-open.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { inTurn } from '../../lab/wire/faults/in-turn.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import type { FrameName } from '../../lab/wire/match.ts'
import {
  A_WHILE,
  begins,
  endsByItself,
  failsToConnect,
  hasTold,
  QUEUE,
  startService,
  stopEarly,
  stopSettles,
} from '../shared/service-scenarios.ts'
import { hasHeartbeat, hasOneOfEach, isAnythingUnacked, isSign } from './looks.ts'

export const PREFETCH = 2
const RETRY_DELAY_MS = 50
const TASKS = ['resize photo 1', 'resize photo 2', 'resize photo 3']
export const MOMENTS_MS = 6000
const PATIENCE = 150
/** Until a dead link is noticed: three times two seconds, and some more. */
const PATIENCE_WITH_THE_DEAD = 800
const SIGN_MS = 5000
/** To bring a broker up again, to wait several times. */
const RECOVERY_MS = 20_000
/** Where waits are judged: a busy machine makes those longer that nobody has waited, but not by so much. */
export const LONGER_DELAY_MS = 150
/** Longer than any wait that begins with RETRY_DELAY_MS: a second recovery of the same loss shows by then. */
const SECOND_THOUGHTS = 25
/** The contract's ten seconds, and some for a slow machine. */
export const DEAD_LINK_MS = 13_000

export const resets = scenario('its connection is reset, and later again', async (stage) => {
  const service = await start(stage)
  for (const round of [1, 2]) await loses(stage, service, () => stage.wire.switchOn(reset()), { round })
  await endAndLook(stage, service)
})

export const forced = scenario('the broker closes its connection', async (stage) => {
  const service = await start(stage)
  await loses(stage, service, () => stage.closeConnections())
  await service.ask('stop', { times: 2 })
  await inTurns(service, A_WHILE, () => hasTold(stage, 'stopped'))
  stage.mark('the work is done')
  service.finish('resolve', service.unfinished)
  await staysStopped(stage, service)
  await endAndLook(stage, service)
})

export const restart = scenario(
  'the broker restarts',
  async (stage) => {
    const service = await start(stage)
    await loses(stage, service, () => stage.restartBroker())
    await endAndLook(stage, service)
  },
  { restarts: true },
)

export const deleted = scenario('its queue is deleted', async (stage) => {
  const service = await start(stage)
  await loses(stage, service, () => stage.observer.delete(QUEUE))
  await endAndLook(stage, service)
})

export const halfOpen = scenario('the link dies without a word', async (stage) => {
  const service = await start(stage, { query: '?heartbeat=30' })
  // No need to wait for what will not be noticed.
  if (!hasHeartbeat(connections(stage.recorder)[0])) return
  const dies = async () => {
    const death = await stage.wire.switchOn(halfOpenLink())
    // Only once it is back does the wire look at what the service has sent into the dead link: its end, at the latest.
    return () => death.off()
  }
  await loses(stage, service, dies, { patience: PATIENCE_WITH_THE_DEAD })
  await endAndLook(stage, service)
})

const IN_SET_UP = closeInHandshake({ at: 'queue.declare-ok', how: 'reset' })
/** Each attempt gets a little further than the one before. */
const BREAKS = [
  closeInHandshake({ at: 'accept', how: 'reset' }),
  closeInHandshake({ at: 'channel.open-ok', how: 'end' }),
  IN_SET_UP,
  closeInHandshake({ at: 'basic.consume-ok', how: 'reset' }),
  closeInHandshake({ at: 'accept', how: 'end' }),
]

export const failing = scenario('attempts fail, at the first packet and at the last', async (stage) => {
  const service = await start(stage, { tasks: [], retryDelayMs: LONGER_DELAY_MS })
  await stage.wire.switchOn(inTurn(BREAKS))
  await consumesAgain(stage, service, await isReset(stage))
  stage.mark('consumes again 1')
})

const HUNDRED = 100
const SHORT_DELAY_MS = 5
/** Whoever waits longer and longer makes fewer attempts: that is right as well. */
const LONG_WAIT_MS = 1000
const AWAY_MS = 10_000
const NEXT_WAIT_MS = 8000

export const away = scenario('a hundred attempts fail', async (stage) => {
  const service = await start(stage, { tasks: [], retryDelayMs: SHORT_DELAY_MS })
  const closed = await stage.wire.switchOn(refuse())
  const lost = await isReset(stage)
  const ended = () => told(since(stage.recorder, lost), 'attempt-ended')
  const sinceMs = (event: RecordedEvent | undefined) => stage.recorder.now() - (event ?? lost).ms
  const isLong = () => sinceMs(ended().at(-1)) > LONG_WAIT_MS || sinceMs(lost) > AWAY_MS
  while (ended().length <= HUNDRED && !isLong()) await inTurns(service, 1)
  const back = stage.mark('the broker is back')
  await closed.off()
  const isTrying = () => since(stage.recorder, back).events.some(isSign)
  while (!isTrying() && stage.recorder.now() - back.ms < NEXT_WAIT_MS) await inTurns(service, 10, isTrying)
  await stage.recorder.waitFor('another attempt', isSign, { after: back, limitMs: 100 })
  await stage.sees('basic.consume-ok', { service, after: back, limitMs: RECOVERY_MS })
  stage.mark('consumes again 1')
})

export const waiting = stopsInAWait('stop() while it waits for the broker to come back', refuse)
/** The wait behind an attempt that got far may be another one than that behind a closed port. */
export const pausing = stopsInAWait('stop() while it waits after an attempt that failed at its end', () => IN_SET_UP)
function stopsInAWait(name: string, fault: () => Fault) {
  return scenario(name, async (stage) => {
    const service = await start(stage, { tasks: [], retryDelayMs: 600_000 })
    await stage.wire.switchOn(fault())
    await stage.wire.switchOn(reset())
    // It tries at once, or waits first: both are right. The end of the lost connection counts as one, too.
    await inTurns(service, 50, () => told(stage.recorder, 'attempt-ended').length > 1)
    await stopsIdle(stage, service)
  })
}

export const starting = scenario('stop() before its broker is there', async (stage) => {
  await stage.wire.switchOn(refuse())
  const service = await startService(stage, { prefetch: PREFETCH, retryDelayMs: 600_000 }, { observed: false })
  await failsToConnect(service)
  await stopEarly(stage, service)
})

/** The service has no new connection yet: what it gets after stop() is for it to close. */
export const connecting = scenario('stop() while it connects again', (stage) => stopsAt(stage, 'connection.open-ok'))

export const opening = scenario('stop() while it opens its channel again', (stage) => stopsAt(stage, 'channel.open-ok'))

export const building = scenario('stop() while it is coming back', async (stage) => {
  const service = await start(stage, { tasks: [] })
  const answer = await stage.wire.switchOn(hold({ method: 'basic.consume-ok' }))
  await consumesAgain(stage, service, await isReset(stage))
  await stopsIdle(stage, service, () => answer.off())
})

export const dead = scenario('stop() on a dead link', async (stage) => {
  const service = await start(stage, { tasks: [] })
  if (!hasHeartbeat(connections(stage.recorder)[0])) return
  await stage.wire.switchOn(halfOpenLink())
  await service.ask('stop')
  await staysStopped(stage, service, DEAD_LINK_MS)
})

/** Starts a service that is at work: its handlers have begun with what the prefetch lets through. */
async function start(
  stage: Stage,
  { tasks: published = TASKS, query = '', retryDelayMs = RETRY_DELAY_MS } = {},
): Promise<Student> {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, published)
  const service = await startService(stage, { prefetch: PREFETCH, retryDelayMs }, { query })
  await service.told('ready', { what: 'ready to settle', limitMs: MOMENTS_MS })
  if (published.length > 0) {
    await begins(service, MOMENTS_MS)
    // One at a time, or as many as the prefetch lets through.
    await inTurns(service, A_WHILE, () => tasks(stage.recorder).attempts.length >= PREFETCH)
  }
  stage.mark('at work')
  return service
}

async function isReset(stage: Stage): Promise<RecordedEvent> {
  const loss = stage.mark('lost 1')
  await stage.wire.switchOn(reset())
  return loss
}

/**
 * It loses what it has in the middle of its work; then its old handlers end, and it has to do everything that there is.
 *
 * @param lose may resolve with what has to be done when it is back
 */
async function loses(
  stage: Stage,
  service: Student,
  lose: () => Promise<unknown>,
  { round = 1, patience = PATIENCE } = {},
): Promise<void> {
  const old = service.unfinished
  const loss = stage.mark(`lost ${round}`)
  const then = await lose()
  // Whoever finishes first what was in hand, and comes back then, is right as well.
  const signs = () => since(stage.recorder, loss).events.some(isSign)
  if (!(await inTurns(service, patience, signs))) service.finish('resolve', old)
  await consumesAgain(stage, service, loss)
  if (typeof then === 'function') await then()
  stage.mark(`consumes again ${round}`)
  await inTurns(service, A_WHILE, () => service.unfinished.length >= old.length + PREFETCH)
  const isOld = ({ call }: { call: number }) => old.some((one) => one.call === call)
  service.finish('resolve', service.unfinished.filter(isOld))
  // An ack that comes too late comes now.
  await inTurns(service, A_WHILE)
  stage.mark(`the old handlers ended ${round}`)
  await worksAgain(stage, service, `resize another photo ${round}`)
  stage.mark(`worked again ${round}`)
  await inTurns(service, SECOND_THOUGHTS)
  if (!(await hasOneOfEach(stage))) stage.mark('not one of each')
  stage.mark(`counted ${round}`)
  // In hand when it happens again.
  await stage.observer.publish(QUEUE, [`resize one more photo ${round}`])
  await inTurns(service, 100, () => service.unfinished.length > 0)
}

/** It loses its connection, and is stopped while it waits for this answer on the way back. */
async function stopsAt(stage: Stage, method: FrameName): Promise<void> {
  const service = await start(stage, { tasks: [] })
  const answer = await stage.wire.switchOn(hold({ method }))
  const loss = await isReset(stage)
  await stage.sees(method, { service, after: loss, limitMs: RECOVERY_MS })
  await stopsIdle(stage, service, () => answer.off())
}

/** Waits for a consumer that the broker has accepted since. The frame may be held back by a fault. */
async function consumesAgain(stage: Stage, service: Student, loss: RecordedEvent): Promise<void> {
  // Where nobody does anything about it, there is no need to wait as long as for a broker that comes up.
  const what = 'a new attempt, channel or consumer'
  await whileRunning(service, (signal) =>
    stage.recorder.waitFor(what, isSign, { after: loss, signal, limitMs: SIGN_MS }),
  )
  await stage.sees('basic.consume-ok', { service, after: loss, limitMs: RECOVERY_MS })
}

/** From now on every handler succeeds, until the queue is empty. */
async function worksAgain(stage: Stage, service: Student, task: string): Promise<void> {
  const { recorder, observer } = stage
  const succeed = () => service.finish('resolve', service.unfinished)
  const end = recorder.listen((event) => event.kind === 'told' && event.name === 'began' && succeed())
  const what = `'${task}' and all earlier tasks to be done and acknowledged`
  const isDone = (event: RecordedEvent) =>
    event.kind === 'frame' &&
    event.method === 'basic.ack' &&
    tasks(recorder).named(task).isAcked &&
    !isAnythingUnacked(stage)
  try {
    succeed()
    await observer.publish(QUEUE, [task])
    await whileRunning(service, (signal) => recorder.waitFor(what, isDone, { signal, limitMs: MOMENTS_MS }))
  } finally {
    end()
  }
}

/** Stops a service that has nothing in hand. */
async function stopsIdle(stage: Stage, service: Student, then = async () => {}): Promise<void> {
  await service.ask('stop')
  await inTurns(service, A_WHILE, () => hasTold(stage, 'stopped'))
  await then()
  await staysStopped(stage, service)
  await endsByItself(stage, service, MOMENTS_MS)
}

async function staysStopped(stage: Stage, service: Student, limitMs = MOMENTS_MS): Promise<void> {
  await stopSettles(service, limitMs)
  stage.mark('stopped')
  // A recovery that was begun before, or is begun after, shows by now.
  await inTurns(service, SECOND_THOUGHTS)
  stage.mark('a while after stop()')
}

/** Everything is done and acknowledged, so the queue has to be empty once the broker has taken back what it held. */
async function endAndLook(stage: Stage, service: Student): Promise<void> {
  await inTurns(service, 200, () => {
    service.finish('resolve', service.unfinished)
    return !isAnythingUnacked(stage)
  }).catch(() => false)
  await stage.killAndLook(service, QUEUE)
}

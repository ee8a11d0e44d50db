import { setTimeout as sleep } from 'node:timers/promises'
import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { frames, told } from '../../lab/recording/ask.ts'
import { connections } from '../../lab/recording/connections.ts'
import { since } from '../../lab/recording/span.ts'
import type { Student } from '../../lab/student/student.ts'
import { whileRunning } from '../../lab/student/while-running.ts'
import type { Fault } from '../../lab/wire/fault.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { halfOpen as halfOpenLink } from '../../lab/wire/faults/half-open.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { inTurn } from '../../lab/wire/faults/in-turn.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import {
  A_WHILE,
  endsByItself,
  failsToConnect,
  hasTold,
  QUEUE,
  startService,
  stopEarly,
} from '../shared/service-scenarios.ts'
import { hasHeartbeat, isSign } from './looks.ts'
import {
  consumesAgain,
  endAndLook,
  isReset,
  loses,
  MOMENTS_MS,
  PREFETCH,
  patienceWith,
  RECOVERY_MS,
  start,
  staysStopped,
  stopsAt,
  stopsIdle,
} from './plays.ts'

/** Until a dead link is noticed: three times two seconds, and some more. */
const PATIENCE_WITH_THE_DEAD = 800
/** Where waits are judged: a busy machine makes those longer that nobody has waited, but not by so much. */
export const LONGER_DELAY_MS = 150
/** By then 30 s have passed on fast clocks: see lab/student/clocks.ts. */
const LINGER_MS = 3200
/** The contract's ten seconds, and some for a slow machine. */
export const DEAD_LINK_MS = 13_000

export const resets = scenario('its connection is reset, and later again', async (stage) => {
  const service = await start(stage)
  const breaks = () => stage.wire.switchOn(reset())
  await loses(stage, service, breaks)
  await loses(stage, service, breaks, { round: 2, old: 'reject' })
  await endAndLook(stage, service)
})

export const forced = scenario('the broker closes its connection', async (stage) => {
  const service = await start(stage)
  await loses(stage, service, async () => {
    // One that it is just replacing can't be closed.
    for (let tries = 0; tries < 3 && (await stage.closeConnections()) === 0; tries++) await inTurns(service, 100)
  })
  await service.ask('stop', { times: 2, inHaste: true })
  await holdsOut(stage, service)
  await service.ask('calm')
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

/** What comes back is lost once more, before it is back. */
export const twice = scenario(
  'its queue is deleted, and its connection is reset before it consumes again',
  async (stage) => {
    const service = await start(stage, { tasks: [] })
    const answer = await stage.wire.switchOn(hold({ method: 'basic.consume-ok' }))
    const gone = stage.mark('lost its queue')
    await stage.observer.delete(QUEUE)
    await consumesAgain(stage, service, gone)
    const loss = await isReset(stage)
    await answer.off()
    await consumesAgain(stage, service, loss)
    stage.mark('consumes again 1')
  },
)

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
  // The first set-up of all may fail, too.
  await stage.wire.switchOn(inTurn([IN_SET_UP]))
  const service = await start(stage, { tasks: [], retryDelayMs: LONGER_DELAY_MS })
  if (!told(stage.recorder, 'ready')[0]?.data.ok) return
  await stage.wire.switchOn(inTurn(BREAKS))
  await consumesAgain(stage, service, await isReset(stage))
  stage.mark('consumes again 1')
})

/** So often its queue is refused: whoever tries again once does it always. */
const REFUSALS = 3
const OF_OTHERS = { durable: true, arguments: { 'x-max-length': 1000 } }

export const refused = scenario('the broker refuses its queue for a while', async (stage) => {
  const service = await start(stage, { tasks: [], retryDelayMs: LONGER_DELAY_MS })
  const closed = await stage.wire.switchOn(refuse())
  const loss = await isReset(stage)
  // Somebody else has made it anew, and otherwise. The broker answers the declaration, and the connection stays.
  await stage.observer.delete(QUEUE)
  await stage.observer.declare(QUEUE, OF_OTHERS)
  stage.mark('its queue is another one')
  await closed.off()
  const events = () => since(stage.recorder, loss)
  const refusals = () => frames(events(), 'channel.close').filter(({ from }) => from === 'broker').length
  const isOver = () => refusals() >= REFUSALS || frames(events(), 'basic.consume-ok').length > 0
  for (let before = -1; before < refusals() && !isOver(); ) {
    before = refusals()
    await inTurns(service, patienceWith(stage, loss), () => refusals() > before || isOver())
  }
  await whileRunning(service, (signal) =>
    stage.recorder.waitFor('the next attempt to declare its queue', isOver, { signal, limitMs: 100 }),
  )
  await stage.observer.delete(QUEUE)
  const back = stage.mark('its queue is free')
  await consumesAgain(stage, service, back, patienceWith(stage, loss))
  stage.mark('consumes again 1')
})

const HUNDRED = 100
const SHORT_DELAY_MS = 5
const AWAY_MS = 10_000
const NEXT_WAIT_MS = 8000
/** Its clocks run fast: a wait of 30 s is over in 150 turns. */
export const TOO_LONG_TURNS = 200
/** Whoever waits longer and longer makes fewer attempts: that is right as well, up to 30 s. */
const LONG_TURNS = 80
const LONG_WAITS = 3

export const away = scenario('a hundred attempts fail', async (stage) => {
  const service = await start(stage, { tasks: [], retryDelayMs: SHORT_DELAY_MS })
  const closed = await stage.wire.switchOn(refuse())
  const lost = await isReset(stage)
  await service.ask('hurry')
  const ended = () => told(since(stage.recorder, lost), 'attempt-ended').length
  for (let turns = 0, long = 0; ended() <= HUNDRED && long < LONG_WAITS; ) {
    const before = ended()
    for (turns = 0; turns < TOO_LONG_TURNS && ended() === before; turns++) await inTurns(service, 1)
    if (turns === TOO_LONG_TURNS) stage.mark('a wait was too long')
    if (turns === TOO_LONG_TURNS || stage.recorder.now() - lost.ms > AWAY_MS) break
    if (turns > LONG_TURNS) long++
  }
  const back = stage.mark('the broker is back')
  await closed.off()
  const isTrying = () => since(stage.recorder, back).events.some(isSign)
  while (!isTrying() && stage.recorder.now() - back.ms < NEXT_WAIT_MS) await inTurns(service, 10, isTrying)
  await stage.recorder.waitFor('another attempt', isSign, { after: back, limitMs: 100 })
  await stage.sees('basic.consume-ok', { service, after: back, limitMs: RECOVERY_MS })
  stage.mark('consumes again 1')
})

/** What it was in the middle of when it lost its connection goes on. */
export const waiting = stopsInAWait('stop() while it waits for the broker to come back', refuse, {})
/** The wait behind an attempt that got far may be another one than that behind a closed port. */
export const pausing = stopsInAWait('stop() while it waits after an attempt that failed at its end', () => IN_SET_UP, {
  tasks: [],
})
function stopsInAWait(name: string, fault: () => Fault, work: { tasks?: string[] }) {
  return scenario(name, async (stage) => {
    const service = await start(stage, { ...work, retryDelayMs: 600_000 })
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

/** What is in its hands when it is stopped is finished, and its connection does not live as long. */
export const finishing = scenario('its connection is reset while stop() waits for its work', async (stage) => {
  const service = await start(stage)
  await service.ask('stop')
  await inTurns(service, A_WHILE)
  await isReset(stage)
  await inTurns(service, A_WHILE)
  service.finish('resolve', service.unfinished)
  await staysStopped(stage, service)
  await endsByItself(stage, service, MOMENTS_MS)
})

export const dead = scenario('stop() on a dead link', async (stage) => {
  const service = await start(stage, { tasks: [] })
  if (!hasHeartbeat(connections(stage.recorder)[0])) return
  await stage.wire.switchOn(halfOpenLink())
  await service.ask('stop')
  await staysStopped(stage, service, DEAD_LINK_MS)
})

/** Handlers go on for so long after stop() that nobody's patience outlasts them: on the clocks of the process, which run fast. */
async function holdsOut(stage: Stage, service: Student): Promise<void> {
  const isOver = () =>
    hasTold(stage, 'stopped') ||
    frames(since(stage.recorder, told(stage.recorder, 'stopping')[0]), 'channel.close', 'connection.close').length > 0
  const asked = stage.recorder.now()
  while (stage.recorder.now() - asked < LINGER_MS && !isOver()) await sleep(20)
  await inTurns(service, A_WHILE, () => hasTold(stage, 'stopped'))
}

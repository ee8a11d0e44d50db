import { setTimeout as sleep } from 'node:timers/promises'
import { check, expectation, step } from '../../lab/check/check.ts'
import {
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  type Stage,
  told,
} from '../../lab/check/evidence.ts'
import { begun, finish, finishes, inHand } from '../../lab/check/handlers.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { type Connection, connections, isOpenAt } from '../../lab/recording/connections.ts'
import { type Delivery, deliveries } from '../../lab/recording/deliveries.ts'
import { outstanding } from '../../lab/recording/outstanding.ts'
import { Patience } from '../../lab/recording/patience.ts'
import { NeverCame } from '../../lab/recording/recorder.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import { settlements } from '../../lab/recording/settlements.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import { whileRunning } from '../../lab/student/while-running.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { halfOpen as halfOpenLink } from '../../lab/wire/faults/half-open.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { inTurn } from '../../lab/wire/faults/in-turn.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { inQueue, isBefore, markOf, messageOf } from '../shared/order.ts'
import { look } from '../shared/tasks.ts'

const QUEUE = 'pictures'
const PREFETCH = 2
const RETRY_DELAY_MS = 50
/** One more than are in hand: it is worked on when one of these is done. */
const TASKS = ['resize photo 1', 'resize photo 2', 'resize photo 3']
const MOMENTS_MS = 6000
/** In turns: until a loss that shows is noticed. */
const PATIENCE = 150
/** Until a dead link is noticed: three times two seconds, and some more. */
const PATIENCE_WITH_THE_DEAD = 800
/** When all handlers have ended, too. */
const SIGN_MS = 5000
/** To bring a broker up again, to wait several times. */
const RECOVERY_MS = 20_000
const A_WHILE = 15
/** Where waits are judged: a busy machine makes those longer that nobody has waited, but not by so much. */
const LONGER_DELAY_MS = 150
/** Longer than any wait that begins with RETRY_DELAY_MS: a second recovery of the same loss shows by then. */
const SECOND_THOUGHTS = 25

const resets = scenario('its connection is reset, and later again', async (stage) => {
  const service = await start(stage)
  for (const round of [1, 2]) {
    await loses(stage, service, round, async () => {
      await stage.wire.switchOn(reset())
    })
  }
  await killAndLook(stage, service)
})

const forced = scenario('the broker closes its connection', async (stage) => {
  const service = await start(stage)
  await loses(stage, service, 1, () => stage.closeConnections())
  await stopsBusy(stage, service)
})

const restart = scenario(
  'the broker restarts',
  async (stage) => {
    const service = await start(stage)
    await loses(stage, service, 1, () => stage.restartBroker())
    await killAndLook(stage, service)
  },
  { restarts: true },
)

const deleted = scenario('its queue is deleted', async (stage) => {
  const service = await start(stage)
  await loses(stage, service, 1, () => stage.observer.delete(QUEUE))
  await killAndLook(stage, service)
})

const halfOpen = scenario('the link dies without a word', async (stage) => {
  const service = await start(stage, { query: '?heartbeat=30' })
  // No need to wait for what will not be noticed.
  if (!hasHeartbeat(connections(stage.recorder)[0])) return
  await loses(
    stage,
    service,
    1,
    async () => {
      const death = await stage.wire.switchOn(halfOpenLink())
      // Only now does the wire look at what the service has sent into the dead link: its end, at the latest.
      return () => death.off()
    },
    PATIENCE_WITH_THE_DEAD,
  )
  await killAndLook(stage, service)
})

/** Each attempt gets a little further than the one before. */
const BREAKS = [
  closeInHandshake({ at: 'accept', how: 'reset' }),
  closeInHandshake({ at: 'channel.open-ok', how: 'end' }),
  closeInHandshake({ at: 'queue.declare-ok', how: 'reset' }),
  closeInHandshake({ at: 'basic.consume-ok', how: 'reset' }),
  closeInHandshake({ at: 'accept', how: 'end' }),
]

const failing = scenario('attempts fail, at the first packet and at the last', async (stage) => {
  const service = await start(stage, { tasks: [], retryDelayMs: LONGER_DELAY_MS })
  await stage.wire.switchOn(inTurn(BREAKS))
  const loss = stage.mark('lost 1')
  await stage.wire.switchOn(reset())
  await consumesAgain(stage, service, loss)
  stage.mark('consumes again 1')
})

const waiting = scenario('stop() while it waits for the broker to come back', async (stage) => {
  const service = await start(stage, { tasks: [], retryDelayMs: 600_000 })
  await stage.wire.switchOn(refuse())
  await stage.wire.switchOn(reset())
  // It tries at once, or waits first: both are right. The end of the lost connection counts as one, too.
  await inTurns(service, 50, () => count(stage, 'attempt-ended') > 1)
  await stopsIdle(stage, service)
  await endsByItself(stage, service)
})

const connecting = scenario('stop() while it connects again', async (stage) => {
  const service = await start(stage, { tasks: [] })
  // The service has no new connection yet: what it gets after stop() is for it to close.
  const answer = await stage.wire.switchOn(hold({ method: 'connection.open-ok' }))
  const loss = stage.mark('lost 1')
  await stage.wire.switchOn(reset())
  await whileRunning(service, (signal) =>
    stage.wire.sees('connection.open-ok', undefined, { after: loss, signal, limitMs: RECOVERY_MS }),
  )
  await stopsIdle(stage, service, () => answer.off())
  await endsByItself(stage, service)
})

const building = scenario('stop() while it is coming back', async (stage) => {
  const service = await start(stage, { tasks: [] })
  const answer = await stage.wire.switchOn(hold({ method: 'basic.consume-ok' }))
  const loss = stage.mark('lost 1')
  await stage.wire.switchOn(reset())
  await consumesAgain(stage, service, loss)
  await stopsIdle(stage, service, () => answer.off())
  await endsByItself(stage, service)
})

const dead = scenario('stop() on a dead link', async (stage) => {
  const service = await start(stage, { tasks: [] })
  if (!hasHeartbeat(connections(stage.recorder)[0])) return
  await stage.wire.switchOn(halfOpenLink())
  await stop(service)
  await service.told('stopped', { what: 'stop() to settle', limitMs: DEAD_LINK_MS })
  stage.mark('stopped')
  // A recovery that was begun before, or is begun after, shows by now.
  await inTurns(service, SECOND_THOUGHTS, () => false)
  stage.mark('a while after stop()')
})

/** The contract's ten seconds, and some for a slow machine. */
const DEAD_LINK_MS = 13_000

// ---- What the scenarios do

/** Starts a service that is at work: its handlers have begun with what the prefetch lets through. */
async function start(
  stage: Stage,
  { tasks = TASKS, query = '', retryDelayMs = RETRY_DELAY_MS } = {},
): Promise<Student> {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, tasks)
  const service = await stage.student()
  const config = { amqpUrl: stage.url + query, queue: QUEUE, prefetch: PREFETCH, retryDelayMs }
  const started = await service.ask('start', { config, observed: true })
  if (!started.ok || (started.value as { stop: string }).stop !== 'function') throw new StudentGone('no service')
  await service.told('ready', { what: 'ready to settle', limitMs: MOMENTS_MS })
  if (tasks.length > 0) {
    await service.told('began', { what: 'the handler to be called', limitMs: MOMENTS_MS })
    // One at a time, or as many as the prefetch lets through.
    await inTurns(service, A_WHILE, () => begun(stage.recorder).length >= PREFETCH)
  }
  stage.mark('at work')
  return service
}

/** It loses what it has in the middle of its work; then its old handlers end, and it has to do everything that there is. */
async function loses(
  stage: Stage,
  service: Student,
  round: number,
  lose: () => Promise<unknown>,
  patience = PATIENCE,
): Promise<void> {
  const old = inHand(stage.recorder)
  const loss = stage.mark(`lost ${round}`)
  const then = await lose()
  // Whoever finishes first what was in hand, and comes back then, is right as well.
  const signs = () => after(stage.recorder, loss).some(isSign)
  if (!(await inTurns(service, patience, signs))) finish(service, 'resolve', old)
  await consumesAgain(stage, service, loss)
  if (typeof then === 'function') await then()
  stage.mark(`consumes again ${round}`)
  await inTurns(service, A_WHILE, () => inHand(stage.recorder).length >= old.length + PREFETCH)
  const inHandStill = inHand(stage.recorder)
  finish(
    service,
    'resolve',
    old.filter(({ call }) => inHandStill.some((one) => one.call === call)),
  )
  // An ack that comes too late comes now.
  await inTurns(service, A_WHILE, () => false)
  stage.mark(`the old handlers ended ${round}`)
  await worksAgain(stage, service, `resize another photo ${round}`)
  stage.mark(`worked again ${round}`)
  await inTurns(service, SECOND_THOUGHTS, () => false)
  if (await hasOneOfEach(stage)) stage.mark('one of each')
  else stage.mark('not one of each')
  // In hand when it happens again.
  await stage.observer.publish(QUEUE, [`resize one more photo ${round}`])
  await inTurns(service, 100, () => inHand(stage.recorder).length > 0)
}

/** Waits for a consumer that the broker has accepted since. The frame may be held back by a fault. */
async function consumesAgain(stage: Stage, service: Student, loss: RecordedEvent): Promise<void> {
  const { recorder, wire } = stage
  // Where nobody does anything about it, there is no need to wait as long as for a broker that comes up.
  await whileRunning(service, (signal) =>
    recorder.waitFor('your service to do something about it', isSign, { after: loss, signal, limitMs: SIGN_MS }),
  )
  await whileRunning(service, (signal) =>
    wire.sees('basic.consume-ok', undefined, { after: loss, signal, limitMs: RECOVERY_MS }),
  )
}

/** An attempt to connect, or a new channel or consumer on the connection that is there. */
function isSign(event: RecordedEvent): boolean {
  if (event.kind === 'told') return event.name === 'attempt'
  return event.kind === 'frame' && event.from === 'student' && /^(channel\.open|basic\.consume)$/.test(event.method)
}

/** From now on every handler succeeds, until the queue is empty. */
async function worksAgain(stage: Stage, service: Student, task: string): Promise<void> {
  const succeed = () => finish(service, 'resolve', inHand(stage.recorder))
  const end = stage.recorder.listen((event) => {
    if (event.kind === 'told' && event.name === 'began') succeed()
  })
  try {
    succeed()
    await stage.observer.publish(QUEUE, [task])
    await whileRunning(service, (signal) =>
      stage.recorder.waitFor(
        `'${task}' and all before it to be done and acknowledged`,
        (event) =>
          event.kind === 'frame' &&
          event.method === 'basic.ack' &&
          isAcked(stage.recorder, task) &&
          inHandAtBroker(stage).length === 0,
        { signal, limitMs: MOMENTS_MS },
      ),
    )
  } finally {
    end()
  }
}

/** The broker, too, takes its time to notice a dead link. */
async function hasOneOfEach(stage: Stage): Promise<boolean> {
  const patience = new Patience(10_000)
  for (;;) {
    const { consumers } = await stage.observer.queue(QUEUE)
    if (consumers === 1 && stage.wire.openConnections() === 1) return true
    if (patience.isOver) return false
    await sleep(50)
  }
}

async function stop(service: Student): Promise<void> {
  await service.ask('stop')
}

/** Stops a service that has nothing in hand. */
async function stopsIdle(stage: Stage, service: Student, then: () => Promise<void> = async () => {}): Promise<void> {
  await stop(service)
  await inTurns(service, A_WHILE, () => count(stage, 'stopped') > 0)
  await then()
  await service.told('stopped', { what: 'stop() to settle', limitMs: MOMENTS_MS })
  stage.mark('stopped')
  await inTurns(service, SECOND_THOUGHTS, () => false)
  stage.mark('a while after stop()')
}

/** Stops a service that has a task in hand, which then ends. */
async function stopsBusy(stage: Stage, service: Student): Promise<void> {
  await stop(service)
  await inTurns(service, A_WHILE, () => count(stage, 'stopped') > 0)
  stage.mark('the work is done')
  finish(service, 'resolve', inHand(stage.recorder))
  await service.told('stopped', { what: 'stop() to settle', limitMs: MOMENTS_MS })
  stage.mark('stopped')
  await inTurns(service, SECOND_THOUGHTS, () => false)
  stage.mark('a while after stop()')
  await killAndLook(stage, service)
}

/** The lab's line no longer keeps the process alive: does anything else? */
async function endsByItself(stage: Stage, service: Student): Promise<void> {
  service.mayEnd()
  service.call('letGo')
  try {
    await service.ends({ limitMs: MOMENTS_MS })
    stage.mark('ended by itself')
  } catch (error) {
    if (!(error instanceof NeverCame)) throw error
    stage.mark('the process still runs')
  }
}

/** Everything is done and acknowledged, so the queue has to be empty once the broker has taken back what it held. */
async function killAndLook(stage: Stage, service: Student): Promise<void> {
  const succeed = () => finish(service, 'resolve', inHand(stage.recorder))
  succeed()
  await inTurns(service, 200, () => {
    succeed()
    return inHandAtBroker(stage).length === 0
  }).catch(() => false)
  await service.kill()
  const patience = new Patience(MOMENTS_MS)
  while ((await stage.observer.queue(QUEUE)).consumers > 0 && !patience.isOver) await sleep(10)
  await stage.observer.drain(QUEUE)
  stage.mark('looked into the queue')
}

function count({ recorder }: Stage, name: string): number {
  return recorder.events.filter((event) => event.kind === 'told' && event.name === name).length
}

/** What the broker has sent on the connections that are open now, and waits for an answer to. */
function inHandAtBroker({ recorder }: Stage): Delivery[] {
  const open = new Set(
    connections(recorder)
      .filter((each) => isOpenAt(each, recorder.now()))
      .map(({ connection }) => connection),
  )
  return outstanding(recorder).left.filter(({ connection }) => open.has(connection))
}

// ---- What the recordings tell

type Events = Pick<Recording, 'events'>

/** It lost what the scenario says, and was back. */
function comesBack(recording: Recording, what: string, round = 1): Shortfall | undefined {
  const lost = markOf(recording, `lost ${round}`)
  if (!lost) return reached(recording, round === 1 ? 'at work' : `consumes again ${round - 1}`)
  if (marked(recording, `consumes again ${round}`)) return undefined
  const [end] = findings(recording)
  const [cause] = lossEvents(recording, lost)
  if (end) {
    return {
      seen: `${what}, and your process ended. ${end.sentence}`,
      looksLike: 'dies-of-it',
      show: [cause, end],
      wrong: { event: end, instead: 'the process lives on, and connects again' },
    }
  }
  const inVain = recording.events.find((event) => event.kind === 'awaited')
  if (!inVain) return reached(recording, `consumes again ${round}`)
  const since = connections(recording).filter(({ acceptedMs }) => acceptedMs > lost.ms)
  const tries = since.length + refusedAttempts(recording, lost)
  return {
    seen: `${what}. ${(inVain.ms - lost.ms) > 1000 ? Math.round((inVain.ms - lost.ms) / 1000) : 1} s later your service had no new consumer${tries === 0 ? ', and had not tried to connect' : since.some(({ openMs }) => openMs) ? ', though it was connected' : ''}.`,
    looksLike:
      round > 1
        ? 'comes-back-once'
        : tries > 0
          ? since.some(({ openMs }) => openMs)
            ? undefined
            : 'gives-up'
          : methodOf(cause) === 'basic.cancel'
            ? 'deaf-to-cancel'
            : methodOf(cause) === 'connection.close' && isForced(recording)
              ? 'listens-for-error-only'
              : 'never-comes-back',
    show: [cause, ...since.slice(0, 1).map(({ end }) => end?.event), inVain],
  }
}

/** The queue was deleted, and is not declared before it is consumed from. */
function consumesOnly(recording: Recording): Shortfall | undefined {
  const since = after(recording, markOf(recording, 'lost 1'))
  const consumed = since.find((event) => isFrame(event, 'basic.consume'))
  if (!consumed || since.slice(0, since.indexOf(consumed)).some(isDeclare)) return undefined
  return {
    seen: 'The queue had been deleted, and your service asked for a consumer without declaring the queue.',
    looksLike: 'consumes-only',
    show: [deletion(recording), consumed, closing(recording)],
    wrong: { event: consumed, instead: 'first queue.declare' },
  }
}

/** The waits after attempts that the lab broke. The end of the first connection is no such attempt, but the loss. */
function waits(recording: Recording) {
  const all = connections(recording)
  return all.flatMap(({ connection, end }, i) => {
    const next = all[i + 1]
    if (!next || end?.by !== 'lab' || i === 0) return []
    const inSetUp = recording.events.some((event) => isFrame(event, 'channel.open') && event.connection === connection)
    return [{ ms: next.acceptedMs - end.ms, inSetUp, failure: end.event, next: openingOf(recording, next.connection) }]
  })
}

/** What the service could see of the loss. */
function lossEvents(recording: Recording, lost: RecordedEvent): RecordedEvent[] {
  return after(recording, lost).filter(
    (event) =>
      (event.kind === 'tcp' && event.what !== 'accepted') ||
      (event.kind === 'fault' && event.name === 'half-open') ||
      (event.kind === 'frame' && event.from === 'broker' && /^(basic\.cancel|connection\.close)$/.test(event.method)),
  )
}

function isForced({ events }: Events): boolean {
  return events.some((event) => event.kind === 'broker' && event.what === 'closes-connections')
}

/** Attempts at a closed port never come to the wire. */
function refusedAttempts(recording: Recording, lost: RecordedEvent): number {
  const attempts = told(recording, 'attempt').filter(({ ms }) => ms > lost.ms).length
  return attempts - connections(recording).filter(({ acceptedMs }) => acceptedMs > lost.ms).length
}

/** A task that came again, and that nobody began with. */
function leftLying(recording: Recording): Shortfall | undefined {
  const lost = markOf(recording, 'lost 1')
  const again = outstanding(recording).left.find(
    ({ body, frame, redelivered }) =>
      redelivered &&
      lost &&
      isBefore(recording, lost, frame) &&
      !begun(recording).some(({ task, event }) => task === body && isBefore(recording, frame, event)),
  )
  if (!again) return undefined
  const [first] = deliveriesOf(recording, again.body)
  return {
    seen: `'${again.body}' was in hand when the connection was lost. It came again, and ${MOMENTS_MS / 1000} s later your service had neither begun with it nor acknowledged it.`,
    looksLike: 'forgets-in-hand',
    show: [first?.frame, lost, again.frame, recording.events.findLast((event) => event.kind === 'awaited')],
  }
}

function oneOfEach(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'not one of each')) return undefined
  const mark = markOf(recording, 'not one of each')
  const open = connections(recording).filter((each) => isOpenAt(each, mark?.ms ?? 0))
  const asked = recording.events.findLast(
    (event) => event.kind === 'broker' && event.what === 'queue' && event.ms <= (mark?.ms ?? 0),
  )
  const consumers = asked?.kind === 'broker' ? asked.data.consumers : '?'
  const opened = open.map(({ connection }) => openingOf(recording, connection))
  const older = open.some(({ acceptedMs }) => acceptedMs < (markOf(recording, 'lost 1')?.ms ?? 0))
  return {
    seen: `Your service came back. Then it had ${open.length} open connection${open.length === 1 ? '' : 's'}, and the queue had ${consumers} consumer${consumers === 1 ? '' : 's'}.`,
    looksLike: older ? 'leaves-the-old-one' : 'two-of-them',
    show: inOrder(recording, [
      ...lossEvents(recording, markOf(recording, 'lost 1') as RecordedEvent).slice(0, 1),
      ...opened.slice(0, 3),
      asked,
    ]),
    wrong: { event: opened.at(-1), instead: 'one is enough' },
  }
}

function openingOf({ events }: Events, connection: number): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'tcp' && event.connection === connection)
}

/**
 * An ack on a connection that came after the loss, for a delivery none of whose own handlers had been told to end: it
 * is that of an older delivery.
 */
function lateAck(recording: Recording) {
  const [first] = connections(recording)
  for (const { frame, connection, channel, deliveryTag } of settlements(recording)) {
    if (connection === first?.connection) continue
    const delivery = deliveries(recording).findLast(
      (each) =>
        each.connection === connection &&
        each.channel === channel &&
        each.deliveryTag === deliveryTag &&
        isBefore(recording, each.frame, frame),
    )
    const own = begun(recording).filter(
      ({ task, event }) => delivery && task === delivery.body && isBefore(recording, delivery.frame, event),
    )
    const ends = finishes(recording).filter(({ event }) => isBefore(recording, event, frame))
    if (ends.some(({ calls }) => own.some(({ call }) => calls.includes(call)))) continue
    return { settlement: frame, delivery, ended: ends.at(-1)?.event }
  }
  return undefined
}

/** stop() resolved, and nothing came after it. */
function stops(recording: Recording, when: string): Shortfall | undefined {
  const asked = told(recording, 'stopping')[0]
  const answer = told(recording, 'stopped')[0]
  if (!asked) return reached(recording, 'stopped')
  if (answer && answer.data.ok !== true) {
    return { seen: `${when} when stop() was called, and it rejected: ${messageOf(answer)}`, show: [asked, answer] }
  }
  const [end] = findings(recording)
  if (end) return { seen: `${when} when stop() was called. ${end.sentence}`, show: [asked, end] }
  if (!answer) {
    const inVain = recording.events.findLast((event) => event.kind === 'awaited')
    if (!inVain) return reached(recording, 'stopped')
    return {
      seen: `${when} when stop() was called, and ${MOMENTS_MS / 1000} s later stop() was still pending.`,
      looksLike: connections(recording).some((each) => isOpenAt(each, asked.ms))
        ? 'waits-for-a-loss'
        : 'stop-does-not-end',
      show: [asked, inVain],
    }
  }
  return afterStop(recording) ?? reached(recording, 'a while after stop()')
}

/** After stop() nothing is open, and nothing is tried. Nobody can tell when a dead link was closed. */
function afterStop(recording: Recording): Shortfall | undefined {
  const asked = told(recording, 'stopping')[0]
  const answer = told(recording, 'stopped')[0]
  const mark = markOf(recording, 'a while after stop()')
  if (!asked || !answer || !mark) return undefined
  const tried = told(recording, 'attempt').find(({ ms }) => ms > answer.ms && ms < mark.ms)
  const deadSince = silence(recording)?.ms ?? 0
  const left = connections(recording).find((each) => isOpenAt(each, mark.ms) && each.acceptedMs >= deadSince)
  if (!tried && !left) return undefined
  return {
    seen: tried
      ? 'stop() had resolved, and your service tried to connect.'
      : 'stop() had resolved, and a connection was still open.',
    looksLike: !tried && left && left.acceptedMs < asked.ms ? 'forgets-the-half-built' : 'comes-back-after-stop',
    show: inOrder(recording, [asked, answer, tried ?? (left && openingOf(recording, left.connection))]),
  }
}

/** What was in hand when a service that had come back was stopped. */
function undoneAtStop(recording: Recording): Shortfall | undefined {
  const done = markOf(recording, 'the work is done')
  const answer = told(recording, 'stopped')[0]
  const busy = begun(recording).some(
    ({ call, event }) =>
      done &&
      isBefore(recording, event, done) &&
      finishes(recording).some((one) => one.calls.includes(call) && isBefore(recording, done, one.event)),
  )
  if (answer && done && busy && isBefore(recording, answer, done)) {
    return {
      seen: 'Your service had come back, and had a task in hand. stop() resolved before it was done.',
      show: [told(recording, 'stopping')[0], answer, done],
    }
  }
  const held = inQueue(recording)
  if (held && held.length > 0) {
    return {
      seen: `Your service had come back, and was stopped with '${held[0]}' in hand. Its handler ended, and the task is in the queue again.`,
      show: [told(recording, 'stopping')[0], answer, look(recording)],
    }
  }
  return reached(recording, 'looked into the queue')
}

function hasHeartbeat(connection: Connection | undefined): boolean {
  return connection?.heartbeat === 1 || connection?.heartbeat === 2
}

function silence({ events }: Events): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'fault' && event.name === 'half-open')
}

function isAcked(recording: Events, task: string): boolean {
  return settlements(recording).some(({ kind, tags, connection, channel }) => {
    return (
      kind === 'ack' &&
      deliveriesOf(recording, task).some(
        (each) => each.connection === connection && each.channel === channel && tags.includes(each.deliveryTag),
      )
    )
  })
}

function deliveriesOf(recording: Events, task: string): Delivery[] {
  return deliveries(recording).filter(({ body }) => body === task)
}

function after({ events }: Events, event: RecordedEvent | undefined): RecordedEvent[] {
  return event === undefined ? [] : events.slice(events.indexOf(event) + 1)
}

/** In the order in which they happened. */
function inOrder(recording: Events, events: (RecordedEvent | undefined)[]): RecordedEvent[] {
  return events
    .filter((event) => event !== undefined)
    .sort((one, other) => (one === other ? 0 : isBefore(recording, one, other) ? -1 : 1))
}

function isFrame(event: RecordedEvent, method: string): event is FrameEvent {
  return event.kind === 'frame' && event.method === method
}

function methodOf(event: RecordedEvent | undefined): string | undefined {
  return event?.kind === 'frame' ? event.method : undefined
}

function isDeclare(event: RecordedEvent): boolean {
  return isFrame(event, 'queue.declare') && event.fields.queue === QUEUE && event.fields.passive !== true
}

function frame({ events }: Events, method: string): FrameEvent | undefined {
  return events.find((event): event is FrameEvent => isFrame(event, method))
}

function closing({ events }: Events): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'frame' && event.from === 'broker' && event.method === 'channel.close')
}

function deletion({ events }: Events): RecordedEvent | undefined {
  return events.find((event) => isFrame(event, 'basic.cancel'))
}

export default check('11-recovery', [
  step(
    'It comes back by itself',
    expectation('consumes again after a reset, and after the next one', resets, (recording) => {
      return (
        comesBack(recording, 'The connection was reset') ?? comesBack(recording, 'The connection was reset again', 2)
      )
    }),

    expectation('consumes again when the broker has closed its connection', forced, (recording) => {
      return comesBack(recording, 'The broker closed the connection by force')
    }),
  ),
  step(
    'It comes back from everything',
    expectation('consumes again when the broker has restarted', restart, (recording) => {
      return comesBack(recording, 'The broker restarted')
    }),

    expectation('consumes again when its queue was deleted', deleted, (recording) => {
      return (
        consumesOnly(recording) ?? comesBack(recording, 'The queue was deleted, and the broker cancelled the consumer')
      )
    }),

    expectation('notices a link that died without a word, and consumes again', halfOpen, (recording) => {
      const [first] = connections(recording)
      if (first?.openMs !== undefined && !hasHeartbeat(first)) {
        const tuned = frame(recording, 'connection.tune-ok')
        return {
          seen: `The URL said ?heartbeat=30, and your service agreed on ${first.heartbeat ? `a heartbeat of ${first.heartbeat} s` : 'no heartbeat'} with the broker.`,
          looksLike: 'no-heartbeat',
          show: [frame(recording, 'connection.tune'), tuned],
          wrong: { event: tuned, instead: 'heartbeat 1 or 2' },
        }
      }
      return comesBack(recording, 'The link died without a word')
    }),
  ),
  step(
    'It comes back once, and whole',
    expectation(
      'has one connection and one consumer afterwards',
      [resets, forced, restart, deleted, halfOpen],
      (...recordings) => {
        for (const recording of recordings) {
          const shortfall = oneOfEach(recording)
          if (shortfall) return shortfall
        }
        return recordings.some((recording) => marked(recording, 'one of each'))
          ? undefined
          : reached(recordings[0] as Recording, 'one of each')
      },
    ),

    expectation('declares its queue and its prefetch anew', [deleted, resets], (deleted, resets) => {
      const lost = markOf(deleted, 'lost 1')
      const declared = after(deleted, lost).find((event) => isDeclare(event))
      const shortfall = consumesOnly(deleted)
      if (shortfall) return shortfall
      if (declared && isFrame(declared, 'queue.declare') && declared.fields.durable !== true) {
        return {
          seen: `Your service declared '${QUEUE}' anew, but not as durable.`,
          show: [deletion(deleted), declared],
        }
      }
      for (const recording of [deleted, resets]) {
        for (const { connection } of connections(recording)) {
          const { most } = outstanding(recording, { connection })
          if (most <= PREFETCH) continue
          const consume = recording.events.find(
            (event) => isFrame(event, 'basic.consume') && event.connection === connection,
          )
          const sent = deliveries(recording).filter((each) => each.connection === connection)
          return {
            seen: `prefetch was ${PREFETCH}, and on connection ${connection} the broker sent ${most} tasks without an ack.`,
            looksLike: 'prefetch-once',
            show: [consume, ...sent.slice(0, PREFETCH + 1).map(({ frame }) => frame)],
            wrong: { event: consume, instead: 'first basic.qos, on this channel' },
          }
        }
      }
      return declared ? reached(resets, 'consumes again 1') : reached(deleted, 'consumes again 1')
    }),
  ),
  step(
    'Nothing in hand is lost',
    expectation(
      'has done in the end what was in hand when it happened',
      [resets, forced, restart, halfOpen],
      (...recordings) => {
        for (const recording of recordings) {
          const held = inQueue(recording)
          if (held && held.length > 0 && marked(recording, 'consumes again 1')) {
            const lost = markOf(recording, 'lost 1')
            return {
              seen: `In the end '${held[0]}' was still in the queue, although your service was back and every handler had ended.`,
              looksLike: 'forgets-in-hand',
              show: [lost, ...deliveriesOf(recording, held[0] ?? '').map(({ frame }) => frame), look(recording)],
            }
          }
          if (!marked(recording, 'consumes again 1') || marked(recording, 'worked again 1')) continue
          return leftLying(recording) ?? reached(recording, 'worked again 1')
        }
        return recordings.some((recording) => marked(recording, 'worked again 1'))
          ? undefined
          : reached(recordings[0] as Recording, 'worked again 1')
      },
    ),

    expectation('sends no late ack on a channel that is not its own', [resets, forced], (...recordings) => {
      for (const recording of recordings) {
        const late = lateAck(recording)
        if (!late) continue
        const { settlement, delivery, ended } = late
        return {
          seen: delivery
            ? `A handler of the lost connection ended, and '${delivery.body}' was acknowledged on the new one, where its handler still worked.`
            : `A handler of the lost connection ended, and delivery ${settlement.fields.deliveryTag} was acknowledged on the new one, which has no such delivery.`,
          looksLike: 'late-ack',
          show: [markOf(recording, 'lost 1'), delivery?.frame, ended, settlement],
          wrong: { event: settlement, instead: 'nothing: the broker has that task back already' },
        }
      }
      return reached(recordings[0] as Recording, 'the old handlers ended 1')
    }),
  ),
  step(
    'It waits, and it stops',
    expectation('waits after each attempt that failed', failing, (recording) => {
      const short = waits(recording).filter(({ ms }) => ms < 0.9 * LONGER_DELAY_MS)
      // Whoever never waits shows it after both kinds of failure.
      const worst = short.find(({ inSetUp }) => !inSetUp) ?? short[0]
      if (worst) {
        const { ms, inSetUp, failure, next } = worst
        return {
          seen: `retryDelayMs was ${LONGER_DELAY_MS}. The lab broke an attempt ${inSetUp ? 'while it was being set up' : 'at its beginning'}, and the next one came ${ms.toFixed(1)} ms later.`,
          looksLike: inSetUp ? 'set-up-is-no-attempt' : 'no-wait',
          show: [markOf(recording, 'lost 1'), failure, next],
          wrong: { event: next, instead: `not before ${LONGER_DELAY_MS} ms have passed` },
        }
      }
      return comesBack(recording, `${BREAKS.length} attempts failed`)
    }),

    expectation(
      'stops at any moment, as in lesson 10',
      [waiting, connecting, building, forced],
      (waiting, connecting, building, forced) => {
        return (
          stops(waiting, 'The broker was away') ??
          stops(connecting, 'Your service was connecting again') ??
          stops(building, 'Your service was coming back') ??
          stops(forced, 'Your service had come back, and had a task in hand') ??
          undoneAtStop(forced)
        )
      },
    ),

    expectation('leaves nothing behind when it has stopped', [waiting, connecting, building], (...recordings) => {
      for (const recording of recordings) {
        if (!marked(recording, 'the process still runs')) continue
        return {
          seen: `stop() had resolved, and ${MOMENTS_MS / 1000} s later the process still ran.`,
          looksLike: 'leaves-a-handle',
          show: [told(recording, 'stopped')[0], markOf(recording, 'the process still runs')],
        }
      }
      return recordings.map((recording) => reached(recording, 'ended by itself')).find((short) => short !== undefined)
    }),

    expectation('stops on a dead link within ten seconds', dead, (recording) => {
      const [first] = connections(recording)
      if (first?.openMs !== undefined && !hasHeartbeat(first)) {
        return {
          seen: `Your service agreed on ${first.heartbeat ? `a heartbeat of ${first.heartbeat} s` : 'no heartbeat'} with the broker.`,
          looksLike: 'no-heartbeat',
          show: [frame(recording, 'connection.tune-ok')],
        }
      }
      const asked = told(recording, 'stopping')[0]
      const answer = told(recording, 'stopped')[0]
      const inVain = recording.events.find((event) => event.kind === 'awaited')
      if (asked && !answer && inVain) {
        return {
          seen: `The link was dead when stop() was called, and ${DEAD_LINK_MS / 1000} s later stop() was still pending.`,
          looksLike: 'waits-for-the-dead',
          show: [silence(recording), asked, inVain],
        }
      }
      if (answer && answer.data.ok !== true) {
        return { seen: `The link was dead, and stop() rejected: ${messageOf(answer)}`, show: [asked, answer] }
      }
      return afterStop(recording) ?? reached(recording, 'a while after stop()')
    }),
  ),
])

import { check, expectation, step } from '../../lab/check/check.ts'
import {
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  type Stage,
  times,
} from '../../lab/check/evidence.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { type Delivery, deliveries } from '../../lab/recording/deliveries.ts'
import { outstanding } from '../../lab/recording/outstanding.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import { settlements } from '../../lab/recording/settlements.ts'
import type { Student } from '../../lab/student/student.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import {
  diedWithItsChannel,
  diedWithItsQueue,
  otherTag,
  otherText,
  twice,
  withAnothersAck,
} from '../shared/as-in-lesson-04.ts'
import { type Deed, FAILURE } from '../shared/handlers.ts'
import {
  ackOfOthers,
  acks,
  acksOf,
  type Begun,
  begun,
  by,
  channelGone,
  closing,
  deliveryOf,
  earlyAck,
  type Finish,
  finishes,
  frame,
  isAcked,
  look,
  missing,
  namesTasksOtherwise,
  noAckConsume,
  reached as reachedBy,
  secondAck,
  waited,
  withNoAck,
  withoutAcks,
} from '../shared/tasks.ts'
import { arrival, beginning, finish, goOn, inHand, killAndLook, lives, roundTrip } from '../shared/work.ts'
import type { ConsumeArgs } from './driver.ts'

const QUEUE = 'tasks'
const MORE = 'more-tasks'
const CHANNEL = 'the channel'

const FLOOD = ['Größe ändern: café.jpg', '翻訳する: 東京', 'send the receipt 🧾'].concat(
  Array.from({ length: 17 }, (_, i) => `resize photo ${i + 4}`),
)
const AT_ONCE = 3
/** Enough that each place has been taken again. */
const FINISHED = 5

const flood = scenario('many tasks wait, and one worker comes', async (stage) => {
  const { service, call } = await consume(stage, { tasks: FLOOD, prefetch: AT_ONCE })
  const here = { service, channel: CHANNEL }
  await beginning(stage, 1, here)
  await service.settled(call, `consumeFairly()`).catch(goOn)
  await beginning(stage, AT_ONCE, here).catch(goOn)
  await roundTrip(service, CHANNEL)
  // A timer that stands in for the work needs no event of ours: it has to go off.
  await stage.quiet('the handlers had been at work for a while', 120)
  await stage.observer.queue(QUEUE)
  stage.mark('has all that it may have')
  try {
    await finishSome(stage, service)
    stage.mark('finished some')
  } finally {
    // Also when the channel is gone: what does the queue hold now?
    await killAndLook(stage, service, QUEUE)
  }
})

const SHARED_TASKS = Array.from({ length: 8 }, (_, i) => `invoice ${i + 1}`)
const EACH = 2

const beside = scenario(
  'a slow worker, and a fast one beside it',
  async (stage) => {
    const { service: slow } = await consume(stage, { tasks: SHARED_TASKS, prefetch: EACH })
    await beginning(stage, 1, { service: slow, channel: CHANNEL })
    await roundTrip(slow, CHANNEL)
    const fast = await stage.student()
    const { call } = await consume(stage, { service: fast, tasks: [], prefetch: EACH, otherwise: 'resolve' })
    await fast.settled(call, 'consumeFairly() of the second worker').catch(goOn)
    const left = () => SHARED_TASKS.filter((task) => !begun(stage.recorder).some((one) => one.task === task))
    const what = 'every task to be begun by one of the two workers'
    await arrival(stage, what, () => left().length === 0, { service: fast, channel: CHANNEL }).catch(goOn)
    stage.mark('the fast one had its time')
  },
  { students: 2 },
)

const LIMITS = [2, 3] as const

const onOneChannel = scenario('two consumers on one channel', async (stage) => {
  const here = { channel: CHANNEL }
  const tasks = (of: string) => Array.from({ length: 6 }, (_, i) => `${of} ${i + 1}`)
  const first = await consume(stage, { tasks: tasks('photo'), prefetch: LIMITS[0] })
  const { service } = first
  await service.settled(first.call, 'consumeFairly()').catch(goOn)
  await beginning(stage, 1, { ...here, service, queue: QUEUE })
  const second = await consume(stage, { service, queue: MORE, tasks: tasks('mail'), prefetch: LIMITS[1] })
  await service.settled(second.call, 'consumeFairly() for the second queue').catch(goOn)
  const delivered = () => sentTo(stage.recorder).every(({ count, limit }) => count >= limit)
  const both = { ...here, service, methods: ['basic.deliver'] }
  await arrival(stage, 'both consumers to have as many tasks as they may', delivered, both).catch(goOn)
  await lives(service)
  stage.mark('both have begun')
})

const FAILS = 'resize a broken photo'
const OTHER = 'resize a good photo'
const AFTER = 'resize one more photo'

/** Time enough for a task to come back at once, several times. */
const TURNS = 25

const rejects = failing('a handler rejects', ['hold', 'reject', 'reject'])
const throws = failing('a handler throws', ['throw'])

const cancelled = scenario('the queue is deleted', async (stage) => {
  const { service } = await consume(stage, { tasks: [OTHER], prefetch: AT_ONCE })
  await beginning(stage, 1, { service, channel: CHANNEL })
  await roundTrip(service, CHANNEL)
  await stage.observer.delete(QUEUE)
  await stage.wire.sees('basic.cancel', {}, { from: 'broker' })
  stage.mark('cancelled')
  await lives(service)
  // The work in hand ends as well, and so does what was begun without a task.
  for (const one of inHand(stage, service)) finish(service, one, 'resolve')
  await lives(service)
  stage.mark('lived on')
})

const late = scenario('the channel dies while a handler works', async (stage) => {
  const { service } = await consume(stage, { tasks: [OTHER], prefetch: AT_ONCE })
  await beginning(stage, 1, { service, channel: CHANNEL })
  await service.ask('breakChannel', { channel: CHANNEL })
  await service.told('channel-closed', { what: 'the channel to close' })
  stage.mark('the channel was closed')
  for (const each of inHand(stage, service)) finish(service, each, 'resolve')
  await lives(service)
  stage.mark('done too late')
  const channel = 'another channel'
  await consume(stage, { service, channel, queue: MORE, tasks: [FAILS], prefetch: AT_ONCE })
  await beginning(stage, 1, { service, channel, queue: MORE })
  await stage.wire.switchOn(reset())
  await service.told('channel-closed', { count: 2, what: 'the connection to be lost' })
  stage.mark('the connection was lost')
  for (const each of inHand(stage, service)) finish(service, each, 'reject')
  await lives(service)
  stage.mark('failed too late')
})

const AFTER_WORK = 'the ack belongs after the end of the handler'

// ---- What the scenarios do

interface Consume extends Partial<Omit<ConsumeArgs, 'url'>> {
  service?: Student
  tasks: string[]
  prefetch: number
}

/** Fills a queue and has the exercise consume from it. */
async function consume(stage: Stage, { service, tasks, ...args }: Consume) {
  const { queue = QUEUE, channel = CHANNEL } = args
  await stage.observer.declare(queue, { durable: true })
  if (tasks.length > 0) await stage.observer.publish(queue, tasks)
  const student = service ?? (await stage.student())
  const call = student.call('consume', { ...args, url: stage.url, queue, channel })
  return { service: student, call }
}

/** Ends handlers one by one, that which began last first; in its place the next task should come. */
async function finishSome(stage: Stage, service: Student): Promise<void> {
  const here = { service, channel: CHANNEL }
  let flows = true
  for (let finished = 0; finished < FINISHED; finished++) {
    const newest = inHand(stage, service).at(-1)
    if (!newest) return
    const before = begun(stage.recorder).length
    // Where no limit holds, all have begun already.
    const next = () => begun(stage.recorder).length > Math.min(before, FLOOD.length - 1)
    finish(service, newest, 'resolve')
    if (flows) {
      const what = `the next task to begin, since '${newest.task}' was done`
      await arrival(stage, what, next, here).catch((error: unknown) => {
        flows = false
        goOn(error)
      })
    }
    await lives(service)
    await roundTrip(service, CHANNEL)
  }
}

/** A task fails. Later, if it comes again to this worker, its work succeeds, as that on the other tasks does. */
function failing(name: string, deeds: Deed[]) {
  return scenario(name, async (stage) => {
    const { service } = await consume(stage, { tasks: [FAILS, OTHER], prefetch: AT_ONCE, plan: { [FAILS]: deeds } })
    const here = { service, channel: CHANNEL }
    let failed = false
    const succeed = (one: Begun) => {
      if (failed && one.deed === 'hold' && (!isFailing(one) || one.time > deeds.length)) finish(service, one, 'resolve')
    }
    const stop = stage.recorder.listen((event) => begun({ events: [event] }).forEach(succeed))
    try {
      const began = (task: string) => () => begun(stage.recorder).some((one) => one.task === task)
      await arrival(stage, `the handler to begin with '${FAILS}'`, began(FAILS), here)
      if (deeds[0] === 'hold') {
        await roundTrip(service, CHANNEL)
        for (const one of inHand(stage, service).filter(isFailing)) finish(service, one, 'reject')
      }
      stage.mark('failed')
      // Where it comes back at once it fails again, as often as is planned. It may as well come late, or with another worker.
      const failures = () => begun(stage.recorder).filter(isFailing).length
      await inTurns(service, TURNS, () => failures() >= deeds.length)
      failed = true
      inHand(stage, service).forEach(succeed)
      await stage.observer.publish(QUEUE, [AFTER])
      for (const task of [OTHER, AFTER]) await arrival(stage, `the handler to begin with '${task}'`, began(task), here)
      await lives(service)
      await roundTrip(service, CHANNEL)
      if (!closing(stage.recorder)) stage.mark('went on')
    } finally {
      stop()
      // Also when the process has ended by itself: what does the queue hold now?
      await killAndLook(stage, service, QUEUE)
    }
  })
}

// ---- What the recordings tell

function reached(recording: Recording, mark: string): Shortfall | undefined {
  return reachedBy(recording, mark, 'consumeFairly')
}

function isFailing({ task }: { task: string }): boolean {
  return task === FAILS
}

function isFrame(event: RecordedEvent): event is FrameEvent {
  return event.kind === 'frame'
}

function isBefore({ events }: Pick<Recording, 'events'>, one: RecordedEvent, other: RecordedEvent): boolean {
  return events.indexOf(one) < events.indexOf(other)
}

function inOrder({ events }: Pick<Recording, 'events'>, some: (RecordedEvent | undefined)[]): RecordedEvent[] {
  return some.filter((event) => event !== undefined).sort((a, b) => events.indexOf(a) - events.indexOf(b))
}

function consumes({ events }: Pick<Recording, 'events'>): FrameEvent[] {
  return events.filter((event): event is FrameEvent => isFrame(event) && event.method === 'basic.consume')
}

function qosFrames({ events }: Pick<Recording, 'events'>): FrameEvent[] {
  return events.filter((event): event is FrameEvent => isFrame(event) && event.method === 'basic.qos')
}

/** How many tasks of each of the two queues were delivered, and how many its consumer may hold. */
function sentTo(recording: Pick<Recording, 'events'>) {
  const all = deliveries(recording)
  return [QUEUE, MORE].map((queue, i) => ({
    queue,
    limit: LIMITS[i] as number,
    count: all.filter(({ frame }) => frame.fields.routingKey === queue).length,
  }))
}

/** The delivery that was one too many, on one connection or at all; undefined where there was none. */
function oneTooMany(recording: Recording, limit: number, connection?: number): Delivery | undefined {
  const settled = settlements(recording)
  let sent = 0
  return deliveries(recording)
    .filter((each) => connection === undefined || each.connection === connection)
    .find((each) => {
      const done = settled.filter(
        ({ frame }) => frame.connection === each.connection && isBefore(recording, frame, each.frame),
      )
      return ++sent - done.reduce((count, { tags }) => count + tags.length, 0) > limit
    })
}

/** More tasks than the limit were unacknowledged, and why that may be. */
function tooMany(recording: Recording, limit: number): Shortfall | undefined {
  const [consume, ...more] = consumes(recording)
  const all = deliveries(recording)
  if (consume && noAckConsume(recording)) {
    return {
      seen: `The limit was ${limit}, and the broker sent ${times(all.length, 'task')} to your service, because it was told to expect no acks.`,
      looksLike: 'no-ack',
      show: [...qosFrames(recording), consume, all[0]?.frame, all[limit]?.frame],
      wrong: withNoAck(recording),
    }
  }
  const extra = oneTooMany(recording, limit)
  if (!consume || !extra) return undefined
  const [qos] = qosFrames(recording)
  const frames = [...qosFrames(recording), consume, ...more, all[0]?.frame, extra.frame]
  return {
    seen: `The limit was ${limit}, and your service held up to ${outstanding(recording).most} unacknowledged tasks of ${FLOOD.length}.`,
    show: inOrder(recording, frames),
    ...whyTooMany({ recording, limit, consume, more, qos }),
  }
}

function whyTooMany(seen: {
  recording: Recording
  limit: number
  consume: FrameEvent
  more: FrameEvent[]
  qos: FrameEvent | undefined
}): Pick<Shortfall, 'looksLike' | 'wrong'> {
  const { recording, limit, consume, more, qos } = seen
  if (more[0]) {
    return { looksLike: 'several-consumers', wrong: { event: more[0], instead: 'one consumer is enough' } }
  }
  if (!qos) {
    const instead = `first basic.qos with a prefetchCount of ${limit}, then basic.consume`
    return { looksLike: 'no-limit', wrong: { event: consume, instead } }
  }
  if (qos.channel !== consume.channel || qos.connection !== consume.connection) {
    const instead = `on channel ${consume.channel}, where the consumer is`
    return { looksLike: 'limit-elsewhere', wrong: { event: qos, instead } }
  }
  if (isBefore(recording, consume, qos)) {
    return { looksLike: 'limit-too-late', wrong: { event: qos, instead: 'before basic.consume' } }
  }
  if (qos.fields.prefetchCount === limit) return {}
  return { looksLike: 'other-number', wrong: { event: qos, instead: `a prefetchCount of ${limit}` } }
}

/** The slow worker kept more than its share from the fast one beside it. */
function alone(recording: Recording): Shortfall | undefined {
  const [slow, fast] = consumes(recording)
  if (!slow || withoutAcks(recording)) return undefined
  const early = acks(recording).find(({ settlement }) => settlement.connection === slow.connection)
  if (early?.own) {
    const { settlement, own } = early
    return {
      seen: `A slow worker had not finished any task, but it acknowledged '${own.body}'. So the broker sent it another one, although a second worker had nothing to do.`,
      looksLike: 'acks-early',
      show: [own.frame, begun(recording).find(({ task }) => task === own.body)?.event, settlement.frame],
      wrong: { event: settlement.frame, instead: AFTER_WORK },
    }
  }
  const extra = oneTooMany(recording, EACH, slow.connection)
  if (extra) {
    const held = outstanding(recording, { connection: slow.connection }).most
    return {
      seen: `A slow worker with a limit of ${EACH} held ${held} of ${times(SHARED_TASKS.length, 'task')}, and left ${SHARED_TASKS.length - held} to the fast one beside it.`,
      looksLike: qosFrames(recording).length === 0 ? 'no-limit' : undefined,
      show: [...qosFrames(recording), slow, extra.frame],
    }
  }
  if (begun(recording).some(({ student }) => student === 2)) return undefined
  const close = closing(recording)
  if (fast && close) {
    return {
      seen: `A second worker wanted to help. ${by(close)} closed its channel: ${close.fields.replyText}`,
      looksLike: slow.fields.exclusive === true ? 'wants-the-queue-alone' : undefined,
      show: [slow, fast, close],
      wrong: { event: slow, instead: 'without exclusive: the queue is there for every worker' },
    }
  }
  return reached(recording, 'the fast one had its time')
}

/** Nothing speaks against the service, but did it get that far at all? */
function neverDelivered(flood: Recording, beside: Recording): Shortfall | undefined {
  if (!begun(beside).some(({ student }) => student === 2)) {
    return reached(flood, 'has all that it may have') ?? { seen: 'A second worker came, and no task was left to it.' }
  }
  return reached(flood, 'has all that it may have')
}

/** Fewer handlers than the limit were at work although more tasks waited. */
function tooFewAtOnce(recording: Recording, before: Begun[]): Shortfall {
  const [qos] = qosFrames(recording)
  const held = deliveries(recording).filter(({ ms }) => ms <= (finishes(recording)[0]?.event.ms ?? Infinity))
  const number = qos !== undefined && qos.fields.prefetchCount !== AT_ONCE
  const enough = held.length >= AT_ONCE
  return {
    seen: `The limit was ${AT_ONCE}, and ${FLOOD.length} tasks waited. ${enough ? `${times(held.length, 'task')} had been delivered` : `Only ${times(held.length, 'task')} had been delivered`}, and ${before.length === 1 ? '1 handler was' : `${before.length} handlers were`} at work.`,
    looksLike: enough ? 'one-at-a-time' : number ? 'other-number' : undefined,
    show: [qos, consumes(recording)[0], ...before.map(({ event }) => event), waited(recording)],
    wrong:
      enough || !number
        ? { event: waited(recording), instead: `${AT_ONCE} handlers at work` }
        : { event: qos, instead: `a prefetchCount of ${AT_ONCE}` },
  }
}

/** A task was done, and none came in its place. */
function stalled(recording: Recording): Shortfall | undefined {
  const first = finishes(recording)[0]
  if (!first) return reached(recording, 'finished some')
  const ack = acksOf(recording, first.task)[0]?.settlement.frame
  const never = settlements(recording).length === 0
  return {
    seen: `'${first.task}' was done, and ${AT_ONCE - 1} handlers still worked. ${ack ? 'It was not acknowledged before these were done too' : 'It was not acknowledged'}, so no other task came in its place.`,
    looksLike: never ? 'never-acks' : ack && 'waits-for-the-batch',
    show: [deliveryOf(recording, first.task)?.frame, first.event, waited(recording), ack],
    ...(ack && { wrong: { event: ack, instead: 'an ack as soon as this task is done' } }),
  }
}

/** A task was acknowledged while its handler worked, or was lost with its worker. */
function earlyOrLost(recording: Recording): Shortfall | undefined {
  const known = namesTasksOtherwise(recording)
    ? FLOOD.filter((task) => begun(recording).some((one) => one.task === task))
    : FLOOD
  const unfinished = known.filter((task) => !finishes(recording).some((one) => one.task === task))
  const lost = missing(recording, unfinished) ?? []
  if (lost.length > 0 && withoutAcks(recording)) {
    return {
      seen: `The lab killed your worker. Of the ${unfinished.length} tasks that were not done, the queue then held ${unfinished.length - lost.length}: ${times(lost.length, 'task')} lost.`,
      looksLike: 'no-ack',
      show: [noAckConsume(recording), deliveries(recording)[0]?.frame, look(recording)],
      wrong: withNoAck(recording),
    }
  }
  const early = earlyAck(recording)
  if (early) {
    return {
      seen: `'${early.delivery.body}' was acknowledged while its handler still worked on it.${lost.length > 0 ? ` When the lab killed the worker, ${times(lost.length, 'task')} that ${lost.length === 1 ? 'was' : 'were'} not done ${lost.length === 1 ? 'was' : 'were'} lost.` : ''}`,
      looksLike: 'acks-early',
      show: [early.delivery.frame, early.began, early.settlement.frame],
      wrong: { event: early.settlement.frame, instead: AFTER_WORK },
    }
  }
  // What another's ack covered is told where the tags are judged.
  if (lost.length > 0 && !ackOfOthers(recording)) {
    return {
      seen: `The lab killed your worker. ${times(lost.length, 'task')} that ${lost.length === 1 ? 'was' : 'were'} not done ${lost.length === 1 ? 'was' : 'were'} not in the queue then, '${lost[0]}' among them.`,
      show: [deliveryOf(recording, lost[0] ?? '')?.frame, look(recording)],
    }
  }
  return reached(recording, 'has all that it may have') ?? reached(recording, 'looked into the queue')
}

function neverAcked(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'finished some') || closing(recording)) return undefined
  const first: Finish | undefined = finishes(recording).find(
    ({ task }) => FLOOD.includes(task) && !isAcked(recording, task),
  )
  if (!first) return undefined
  return {
    seen: `The handler of '${first.task}' had resolved, but no ack came for it.`,
    looksLike: settlements(recording).length === 0 ? 'never-acks' : undefined,
    show: [deliveryOf(recording, first.task)?.frame, first.event],
  }
}

/** A task whose handler failed was not acknowledged, and was done later or is in the queue again. */
function broughtBack(recording: Recording, what: string): Shortfall | undefined {
  const failed = begun(recording).filter(isFailing)
  const done = finishes(recording).filter((one) => isFailing(one) && one.how === 'resolve').length
  const acked = acksOf(recording, FAILS)
  const delivered = deliveryOf(recording, FAILS)
  const rejected = finishes(recording).find(({ how }) => how === 'reject')?.event
  if (acked.length > done) {
    const frame = acked[0]?.settlement.frame
    const early = frame && rejected && isBefore(recording, frame, rejected)
    return {
      seen: `The handler of '${FAILS}' ${what}, but the task was acknowledged${early ? ' before that' : ''}: it is lost.`,
      looksLike: acked[0]?.own?.body !== FAILS ? 'acks-others' : early ? 'acks-early' : 'acks-failed',
      show: [delivered?.frame, failed[0]?.event, ...(early ? [frame, rejected] : [rejected, frame]), look(recording)],
      wrong: { event: frame, instead: 'a failed task is not acknowledged: it has to come back' },
    }
  }
  if (marked(recording, 'failed') && missing(recording, [FAILS])?.length === 1 && done === 0) {
    const dropped = settlements(recording).find(({ requeue, tags }) => requeue === false && tags.length > 0)
    return {
      seen: `The handler of '${FAILS}' ${what}. The task came to no handler again, and when the worker was gone it was not in the queue: it is lost.`,
      looksLike: withoutAcks(recording) ? 'no-ack' : dropped && 'drops-failed',
      show: [delivered?.frame, failed.at(-1)?.event, rejected, dropped?.frame, look(recording)],
      wrong: dropped && { event: dropped.frame, instead: 'requeue: true, so that the task comes back' },
    }
  }
  return reached(recording, 'failed') ?? reached(recording, 'looked into the queue')
}

/** The process, the channel and the other tasks went on. */
function wentOn(recording: Recording, what: string): Shortfall | undefined {
  const failed = `The handler of '${FAILS}' ${what}`
  const began = begun(recording).find(isFailing)?.event
  const [crash] = findings(recording)
  if (crash && marked(recording, 'failed')) {
    const own = `${crash.sentence} ${crash.detail ?? ''}`.includes(FAILURE)
    return {
      seen: `${failed}, and the process ended. ${crash.sentence}`,
      looksLike: own ? 'failure-not-caught' : undefined,
      show: [began, crash],
    }
  }
  const close = closing(recording)
  if (close && marked(recording, 'failed')) {
    const [first, again] = secondAck(recording) ?? []
    const thrown = close.from === 'student' && close.fields.replyCode === 541
    return {
      seen: `${failed}. ${by(close)} closed the channel: ${close.fields.replyText}`,
      looksLike: first ? 'acks-twice' : thrown ? 'throw-not-caught' : undefined,
      show: [began, first?.frame, again?.frame, close],
    }
  }
  const stuck = [OTHER, AFTER].find((task) => !begun(recording).some((one) => one.task === task))
  if (marked(recording, 'failed') && stuck && waited(recording)) {
    const delivery = deliveryOf(recording, stuck)
    const failures = begun(recording).filter(isFailing).length
    return {
      seen: `${failed}${failures > 1 ? `, ${failures} times` : ''}. After that, '${stuck}' ${delivery ? 'was delivered, but no handler began with it' : 'was not even delivered'}.`,
      looksLike: delivery && 'place-not-freed',
      show: [deliveryOf(recording, FAILS)?.frame, began, delivery?.frame, waited(recording)],
    }
  }
  return reached(recording, 'went on')
}

export default check('07-fair-dispatch', [
  step(
    'It holds no more than it can do',
    expectation(
      'holds no more than `prefetch` tasks, and leaves the others to faster workers',
      [flood, beside],
      (flood, beside) => tooMany(flood, AT_ONCE) ?? alone(beside) ?? neverDelivered(flood, beside),
    ),

    expectation('works on `prefetch` tasks at once, as long as there are so many', flood, (recording) => {
      const all = begun(recording)
      const first = finishes(recording)[0]
      const before = first ? all.filter(({ event }) => isBefore(recording, event, first.event)) : all
      if (marked(recording, 'has all that it may have') && before.length < AT_ONCE)
        return tooFewAtOnce(recording, before)
      if (marked(recording, 'finished some') && waited(recording)) return stalled(recording)
      // A channel that was closed is told where the acks are judged.
      if (before.length >= AT_ONCE && closing(recording)) return undefined
      return reached(recording, 'finished some')
    }),
  ),
  step(
    'Every consumer has a limit of its own',
    expectation('has a limit of its own beside another consumer on its channel', onOneChannel, (recording) => {
      const global = recording.events.find(
        (event): event is FrameEvent => isFrame(event) && event.method === 'basic.qos' && event.fields.global === true,
      )
      const short = sentTo(recording).find(({ count, limit }) => count < limit)
      if (global) {
        return {
          seen: short
            ? `Two consumers worked on one channel, with limits of ${LIMITS.join(' and ')}. The one of '${short.queue}' could hold only ${times(short.count, 'task')} at once.`
            : 'Your service set a limit for the whole channel, and there are two consumers on it.',
          looksLike: 'limit-for-the-channel',
          show: inOrder(recording, [...qosFrames(recording), ...consumes(recording)]),
          wrong: { event: global, instead: 'without global: the limit is then one of the next consumer' },
        }
      }
      const close = closing(recording)
      if (close) {
        const tags = consumes(recording).map(({ fields }) => fields.consumerTag)
        const same = tags.length > 1 && tags[0] !== '' && tags[0] === tags[1]
        return {
          seen: `A second consumer was started on the channel. ${by(close)} closed it: ${close.fields.replyText}`,
          looksLike: same ? 'same-tag-again' : undefined,
          show: [...consumes(recording), close],
          wrong: { event: consumes(recording)[1], instead: 'without a consumerTag: the broker then makes one up' },
        }
      }
      const crash = findings(recording)[0]
      if (short && !crash && marked(recording, 'both have begun')) {
        return {
          seen: `Two consumers worked on one channel, with limits of ${LIMITS.join(' and ')}. The one of '${short.queue}' got ${times(short.count, 'task')} of 6, and may have ${short.limit} at once.`,
          looksLike:
            qosFrames(recording).at(-1)?.fields.prefetchCount === short.limit ? 'limit-too-late' : 'other-number',
          show: inOrder(recording, [...qosFrames(recording), ...consumes(recording)]),
        }
      }
      return reached(recording, 'both have begun')
    }),
  ),
  step(
    'A task is done when its work is done',
    expectation(
      'acknowledges what is done, and nothing else: what failed comes back',
      [flood, rejects, throws],
      (flood, rejects, throws) =>
        earlyOrLost(flood) ?? neverAcked(flood) ?? broughtBack(rejects, 'rejected') ?? broughtBack(throws, 'threw'),
    ),

    expectation('gives each task to its handler as text, read as UTF-8', flood, (recording) => {
      return begun(recording).length > 0 ? otherText(recording, FLOOD) : reached(recording, 'has all that it may have')
    }),

    expectation("never acknowledges a task twice, or with another's ack", flood, (recording) => {
      return (
        withAnothersAck(recording) ?? twice(recording) ?? channelGone(recording) ?? reached(recording, 'finished some')
      )
    }),

    expectation('resolves with the consumer tag that the broker gave', flood, (recording) => {
      const started = frame(recording, 'basic.consume-ok') !== undefined
      return started ? otherTag(recording, 'consumeFairly') : reached(recording, 'has all that it may have')
    }),
  ),
  step(
    'Handlers fail, queues and channels go',
    expectation('goes on with the other tasks when a handler fails', [rejects, throws], (rejects, throws) => {
      return wentOn(rejects, 'rejected') ?? wentOn(throws, 'threw')
    }),

    expectation(
      'lives on when its queue is deleted, and when its channel dies',
      [cancelled, late],
      (cancelled, late) => {
        return (
          diedWithItsQueue(cancelled) ??
          diedWithItsChannel(late) ??
          reached(cancelled, 'lived on') ??
          reached(late, 'done too late') ??
          reached(late, 'failed too late')
        )
      },
    ),
  ),
])

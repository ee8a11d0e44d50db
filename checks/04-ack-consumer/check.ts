import { setTimeout as sleep } from 'node:timers/promises'
import { check, expectation, step } from '../../lab/check/check.ts'
import {
  reached as cameTo,
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  type Stage,
  said,
  settled,
  times,
} from '../../lab/check/evidence.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { type Delivery, deliveries } from '../../lab/recording/deliveries.ts'
import { Patience } from '../../lab/recording/patience.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import { type Settlement, settlements } from '../../lab/recording/settlements.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import {
  by,
  channelGone,
  closedBecause,
  closing,
  deliveryOf,
  frame,
  isOf,
  isTold,
  look,
  missing,
  secondAck,
  waited,
} from '../shared/tasks.ts'
import { finish, goOn, lives, nth } from '../shared/work.ts'
import { type Deed, FAILURE, type Plan } from './driver.ts'

const QUEUE = 'tasks'
const MORE = 'more-tasks'
/** One answer of the event loop, or of the broker. */
const MOMENTS_MS = 4000
/** Two pauses of five seconds. */
const LONGEST_PAUSES_MS = 12_000

const KILLED = ['Größe ändern: café.jpg', '翻訳する: 東京', 'send the receipt 🧾']

const killed = scenario('the worker is killed in the middle of its work', async (stage) => {
  const { service, call } = await consume(stage, { tasks: KILLED })
  await beginning(stage, 1)
  await service.settled(call, 'consumeTasks()', { limitMs: MOMENTS_MS }).catch(goOn)
  await roundTrip(service)
  stage.mark('in the middle')
  await killAndLook(stage, service)
})

const NUMBERED = ['resize photo 1', 'resize photo 2', 'resize photo 3', 'resize photo 4']

const several = scenario('several tasks, the one that was begun last finishes first', async (stage) => {
  const { service } = await consume(stage, { tasks: NUMBERED })
  let acks = true
  for (let finished = 0; finished < NUMBERED.length; finished++) {
    // One at a time or all at once: whatever has begun can be finished.
    await beginning(stage, finished + 1)
    await roundTrip(service)
    // A timer that stands in for the work needs no event of ours: it has to go off.
    if (finished === 0) await stage.quiet('the handlers had been at work for a while', 120)
    const newest = inHand(stage).at(-1)
    if (!newest) return
    finish(service, newest, 'resolve')
    if (acks && !withoutAcks(stage.recorder)) {
      const what = `an ack for '${newest.task}', whose handler had resolved`
      await arrival(stage, what, () => isAcked(stage.recorder, newest.task)).catch((error: unknown) => {
        acks = false
        goOn(error)
      })
    }
    await roundTrip(service)
    if (finished === 0) stage.mark('finished one')
  }
  stage.mark('finished all')
})

const FAILS = 'resize a broken photo'
const OTHER = 'resize a good photo'
const AFTER = 'resize one more photo'

const rejects = failing('a handler rejects', ['hold', 'reject'])
const throws = failing('a handler throws', ['throw'])

const cancelled = scenario('the queue is deleted', async (stage) => {
  const { service } = await consume(stage, { tasks: [OTHER] })
  await beginning(stage, 1)
  await roundTrip(service)
  await stage.observer.delete(QUEUE)
  await stage.wire.sees('basic.cancel', {}, { from: 'broker', limitMs: MOMENTS_MS })
  stage.mark('cancelled')
  await lives(service)
  // The work in hand ends as well, and so does what was begun without a task.
  for (const one of inHand(stage)) finish(service, one, 'resolve')
  await lives(service)
  stage.mark('lived on')
})

const late = scenario('the channel dies while a handler works', async (stage) => {
  const { service } = await consume(stage, { tasks: [OTHER] })
  await beginning(stage, 1)
  await service.ask('breakChannel', { queue: QUEUE })
  await service.told('channel-closed', { what: 'the channel to close' })
  stage.mark('the channel was closed')
  for (const each of inHand(stage)) finish(service, each, 'resolve')
  await lives(service)
  stage.mark('done too late')
  const before = begun(stage.recorder).length
  await consume(stage, { service, queue: MORE, tasks: [FAILS] })
  await beginning(stage, before + 1, MORE)
  await stage.wire.switchOn(reset())
  await service.told('channel-closed', { count: 2, what: 'the connection to be lost' })
  stage.mark('the connection was lost')
  for (const each of inHand(stage)) finish(service, each, 'reject')
  await lives(service)
  stage.mark('failed too late')
})

const AFTER_WORK = 'an ack after the end of the handler'

// ---- What the scenarios do

/** Fills a queue and has the exercise consume from it. The handlers end as planned, or when the lab says so. */
async function consume(
  stage: Stage,
  { service, queue = QUEUE, tasks, plan = {} }: { service?: Student; queue?: string; tasks: string[]; plan?: Plan },
) {
  await stage.observer.declare(queue, { durable: true })
  await stage.observer.publish(queue, tasks)
  const student = service ?? (await stage.student())
  return { service: student, call: student.call('consume', { url: stage.url, queue, plan }) }
}

/** A task fails. Later, if it comes again to this worker, its work succeeds, as that on the other tasks does. */
function failing(name: string, deeds: Deed[]) {
  return scenario(name, async (stage) => {
    const { service } = await consume(stage, { tasks: [FAILS, OTHER], plan: { [FAILS]: deeds } })
    let failed = false
    const succeed = (one: Begun) => {
      if (failed && one.deed === 'hold' && (!isFailing(one) || one.time > deeds.length)) finish(service, one, 'resolve')
    }
    const stop = stage.recorder.listen((event) => begun({ events: [event] }).forEach(succeed))
    try {
      await arrival(stage, `the handler to begin with '${FAILS}'`, () => begun(stage.recorder).some(isFailing))
      if (deeds[0] === 'hold') {
        await roundTrip(service)
        for (const one of inHand(stage).filter(isFailing)) finish(service, one, 'reject')
      }
      stage.mark('failed')
      failed = true
      inHand(stage).forEach(succeed)
      await stage.observer.publish(QUEUE, [AFTER])
      for (const task of [OTHER, AFTER]) {
        await patiently(stage, service, `'${task}' to be done and acknowledged`, () => {
          if (!begun(stage.recorder).some((one) => one.task === task)) return false
          return isAcked(stage.recorder, task) || withoutAcks(stage.recorder)
        })
      }
      await lives(service)
      await roundTrip(service)
      if (!closing(stage.recorder)) stage.mark('went on')
    } finally {
      stop()
      // Also when the process has ended by itself: what does the queue hold now?
      await killAndLook(stage, service)
    }
  })
}

/** Ends the process as `kill -9` does, waits until the broker has taken back what it held, and notes what is in the queue. */
async function killAndLook(stage: Stage, service: Student): Promise<void> {
  await service.kill()
  const patience = new Patience(MOMENTS_MS)
  // The broker forgets the consumer and takes its tasks back in one go.
  while ((await stage.observer.queue(QUEUE)).consumers > 0 && !patience.isOver) await sleep(10)
  await stage.observer.drain(QUEUE)
  stage.mark('looked into the queue')
}

/** Waits until `count` handlers have begun. @throws NeverCame, StudentGone */
function beginning(stage: Stage, count: number, queue = QUEUE): Promise<void> {
  const what = count === 1 ? 'the handler to be called' : `the handler to be called for the ${nth(count)} time`
  return arrival(stage, what, () => begun(stage.recorder).length >= count, { queue })
}

/** Waits for what only a living process with an open channel can bring. @throws NeverCame, StudentGone */
async function arrival(
  stage: Stage,
  what: string,
  isThere: () => boolean,
  { queue = QUEUE, limitMs = MOMENTS_MS } = {},
): Promise<void> {
  const { recorder } = stage
  const end = (event: RecordedEvent) =>
    (event.kind === 'process' && event.what === 'exited') ||
    ((isTold(event, 'channel-closed') || isTold(event, 'rejected')) &&
      JSON.stringify(event).includes(`"queue":"${queue}"`))
  // Looking through the recording takes time, and a hot loop of redeliveries fills it: only what can make a difference counts.
  const matters = (event: RecordedEvent) =>
    isTold(event, 'began') || (event.kind === 'frame' && event.method === 'basic.ack')
  await recorder.waitFor(what, (event) => (matters(event) && isThere()) || end(event), { limitMs })
  if (!isThere()) throw new StudentGone(`the process or its channel ended before ${what}`)
}

/**
 * As arrival(), and a while longer where the service has set a timer: it may pause before it gives a failed task back,
 * and work on one task at a time.
 */
async function patiently(stage: Stage, service: Student, what: string, isThere: () => boolean): Promise<void> {
  try {
    await arrival(stage, what, isThere)
  } catch (error) {
    goOn(error)
    const { value: timers } = await service.ask('timers')
    if (Number(timers) <= 0) throw error
    await arrival(stage, what, isThere, { limitMs: LONGEST_PAUSES_MS })
  }
}

/** All that the exercise has sent is at the broker, and seen by the wire. The broker may have closed the channel: see below. */
async function roundTrip(service: Student): Promise<void> {
  await service.ask('roundTrip', { queue: QUEUE })
}

/** Handlers that have begun and that the lab has not told to end, in the order in which they began. */
function inHand(stage: Stage): Begun[] {
  const told = new Set(finishes(stage.recorder).map(({ call }) => call))
  return begun(stage.recorder).filter(({ call, deed }) => deed === 'hold' && !told.has(call))
}

// ---- What the recordings tell

/** As the lab's own, but a call that rejected says more than what was then awaited. */
function reached(recording: Recording, mark: string): Shortfall | undefined {
  const short = cameTo(recording, mark)
  const answer = settled(recording, 'consume')
  return short && answer?.ok === false
    ? { seen: `consumeTasks() rejected: ${said(answer)}`, show: [answer.event] }
    : short
}

type Events = Pick<Recording, 'events'>

interface Begun {
  call: number
  task: string
  /** The how-manieth time for this task. */
  time: number
  deed: Deed
  type: string
  event: RecordedEvent
}

function begun({ events }: Events): Begun[] {
  return events
    .filter((event) => isTold(event, 'began'))
    .map((event) => ({ ...(event as unknown as { data: Omit<Begun, 'event'> }).data, event }))
}

function isFailing({ task }: Begun): boolean {
  return task === FAILS
}

function finishes({ events }: Events) {
  return events.flatMap((event) =>
    event.kind === 'asked' && event.name === 'finish'
      ? [{ ...(event.data as { call: number; task: string; how: 'resolve' | 'reject' }), event }]
      : [],
  )
}

/** The lab had told a handler of this task to succeed by then: it can't have done so before. */
function isFinished(recording: Recording, task: string, by: RecordedEvent): boolean {
  const at = recording.events.indexOf(by)
  return finishes(recording).some(
    (one) => one.task === task && one.how === 'resolve' && recording.events.indexOf(one.event) < at,
  )
}

/** Each ack that settled something, with the delivery whose tag it has, and what it covers besides. */
function acks(recording: Events): { settlement: Settlement; own: Delivery | undefined; also: Delivery[] }[] {
  const all = deliveries(recording)
  return settlements(recording)
    .filter(({ kind, tags }) => kind === 'ack' && tags.length > 0)
    .map((settlement) => {
      const covered = settlement.tags.flatMap((tag) => all.findLast((each) => isOf(each, settlement, tag)) ?? [])
      const own = covered.find(({ deliveryTag }) => deliveryTag === settlement.deliveryTag)
      return { settlement, own, also: covered.filter((each) => each !== own) }
    })
}

function acksOf(recording: Events, task: string) {
  return acks(recording).filter(({ own, also }) => own?.body === task || also.some(({ body }) => body === task))
}

function isAcked(recording: Events, task: string): boolean {
  return acksOf(recording, task).length > 0
}

/** An ack with its task's own tag before the lab had released a handler of it. */
function earlyAck(recording: Recording) {
  for (const { settlement, own } of acks(recording)) {
    if (!own || isFinished(recording, own.body, settlement.frame)) continue
    const began = begun(recording).find(({ task }) => task === own.body)?.event
    return { settlement, delivery: own, began }
  }
  return undefined
}

function answeredTwice(first: Settlement): string {
  return first.kind === 'ack' ? 'acks-twice' : 'acks-what-it-gave-back'
}

/** The broker was told to expect no acks. */
function withoutAcks(recording: Events): boolean {
  return deliveries(recording).some(({ noAck }) => noAck)
}

function noAckConsume(recording: Recording): FrameEvent | undefined {
  const consume = frame(recording, 'basic.consume')
  return consume?.fields.noAck === true ? consume : undefined
}

/** A task whose handler failed was not acknowledged, and was done later or is in the queue again. */
function broughtBack(recording: Recording, what: string): Shortfall | undefined {
  const failed = begun(recording).filter(isFailing)
  const done = finishes(recording).filter(({ task, how }) => task === FAILS && how === 'resolve').length
  const acked = acksOf(recording, FAILS)
  const delivered = deliveryOf(recording, FAILS)
  const rejected = finishes(recording).find(({ how }) => how === 'reject')?.event
  if (acked.length > done) {
    const frame = acked[0]?.settlement.frame
    const early = frame && rejected && recording.events.indexOf(frame) < recording.events.indexOf(rejected)
    return {
      seen: `The handler of '${FAILS}' ${what}, but the task was acknowledged${early ? ' before that' : ''}: it is lost.`,
      looksLike: acked[0]?.own?.body !== FAILS ? 'acks-others' : early ? 'acks-early' : 'acks-failed',
      show: [delivered?.frame, failed[0]?.event, ...(early ? [frame, rejected] : [rejected, frame]), look(recording)],
      wrong: { event: frame, instead: 'no ack: a failed task has to come back' },
    }
  }
  const lost = marked(recording, 'failed') && missing(recording, [FAILS])?.length === 1 && done === 0
  if (lost) {
    const dropped = settlements(recording).find(({ requeue, tags }) => requeue === false && tags.length > 0)
    const attempts = failed.length > 1 ? `${times(failed.length, 'time')}. After that` : '. Then'
    return {
      seen: `The handler of '${FAILS}' ${what}${failed.length > 1 ? ' ' : ''}${attempts} the task came to no handler again, and when the worker was gone it was not in the queue: it is lost.`,
      looksLike: withoutAcks(recording) ? 'no-ack' : dropped && 'drops-failed',
      show: [
        noAckConsume(recording),
        delivered?.frame,
        failed.at(-1)?.event,
        rejected,
        dropped?.frame,
        look(recording),
      ],
      wrong: withoutAcks(recording)
        ? withNoAck(recording)
        : dropped && { event: dropped.frame, instead: 'with requeue true, so that the task comes again' },
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
      looksLike: crash.id === 'exited' ? 'ends-the-process' : own ? 'failure-not-caught' : undefined,
      show: [began, crash],
      wrong: { event: crash, instead: 'the process goes on, and the other tasks with it' },
    }
  }
  const close = closing(recording)
  if (close && marked(recording, 'failed')) {
    const [first, again] = secondAck(recording) ?? []
    const thrown = close.from === 'student' && close.fields.replyCode === 541
    return {
      seen: `${failed}. ${by(close)} closed the channel: ${close.fields.replyText}`,
      looksLike: first
        ? answeredTwice(first)
        : thrown
          ? 'throw-not-caught'
          : close.from === 'student'
            ? 'closes-channel'
            : undefined,
      show: [began, first?.frame, again?.frame, close],
      wrong: again
        ? { event: again.frame, instead: 'one answer for each delivery: the broker closes the channel for more' }
        : { event: close, instead: 'the channel stays open' },
    }
  }
  const stuck = [OTHER, AFTER].find((task) => !begun(recording).some((one) => one.task === task))
  if (marked(recording, 'failed') && stuck && waited(recording)) {
    const delivery = deliveryOf(recording, stuck)
    return {
      seen: `${failed}. After that, '${stuck}' ${delivery ? 'was delivered, but no handler began with it' : 'was not even delivered'}.`,
      looksLike: delivery ? 'blocks-the-line' : frame(recording, 'basic.qos') && 'blocks-the-prefetch',
      show: [
        frame(recording, 'basic.qos'),
        deliveryOf(recording, FAILS)?.frame,
        began,
        delivery?.frame,
        waited(recording),
      ],
      wrong: { event: waited(recording), instead: `the handler begins with '${stuck}'` },
    }
  }
  if (waited(recording) && begun(recording).length > 0 && settlements(recording).length === 0) {
    return {
      seen: `${failed}. The others were done, but not acknowledged.`,
      looksLike: 'never-acks',
      show: [deliveryOf(recording, OTHER)?.frame, waited(recording)],
      wrong: { event: waited(recording), instead: 'basic.ack with the tag of the task' },
    }
  }
  return reached(recording, 'went on')
}

/** When the first task was acknowledged: none was done by then. */
function sinceDelivery(recording: Recording): string {
  const ack = acks(recording).find(({ own }) => own)
  return ack?.own
    ? `Your service acknowledged '${ack.own.body}' ${after(ack.own, ack.settlement)}; its handler was not done.`
    : ''
}

function after(delivery: Delivery, { ms }: Settlement): string {
  return `${Math.max(0, ms - delivery.ms).toFixed(0)} ms after it had arrived`
}

/** The consumer asked for no acknowledgements: the broker counts a task as done when it is sent. */
function withNoAck(recording: Recording): { event: RecordedEvent | undefined; instead: string } {
  return {
    event: noAckConsume(recording),
    instead: 'without noAck: the broker then keeps the task until it is acknowledged',
  }
}

export default check('04-ack-consumer', [
  step(
    'A task leaves the queue when its work is done',
    expectation('acknowledges a task when its work is done, not before', [killed, several], (killed, several) => {
      const early = earlyAck(killed) ?? earlyAck(several)
      const lost = marked(killed, 'in the middle') ? missing(killed, KILLED) : undefined
      if (lost && lost.length > 0) {
        const left = KILLED.length - lost.length
        const frame = settlements(killed).find((ack) => ack.kind === 'ack' && ack.tags.length > 0)?.frame
        return {
          seen: `${frame ? `${sinceDelivery(killed)} ` : ''}The lab killed your worker while it worked. Of the ${KILLED.length} tasks, none of them done, the queue then held ${left === 0 ? 'none' : left}: ${lost.length === KILLED.length ? 'all' : times(lost.length, 'task')} lost.`,
          looksLike: withoutAcks(killed) ? 'no-ack' : frame && 'acks-early',
          show: [noAckConsume(killed), deliveries(killed)[0]?.frame, begun(killed)[0]?.event, frame, look(killed)],
          wrong: withoutAcks(killed) ? withNoAck(killed) : { event: frame, instead: AFTER_WORK },
        }
      }
      if (early) {
        return {
          seen: `Your service acknowledged '${early.delivery.body}' ${after(early.delivery, early.settlement)}, while its handler still worked on it.`,
          looksLike: 'acks-early',
          show: [early.delivery.frame, early.began, early.settlement.frame],
          wrong: { event: early.settlement.frame, instead: AFTER_WORK },
        }
      }
      const first = finishes(several)[0]
      if (first && !isAcked(several, first.task) && withoutAcks(several)) {
        return {
          seen: 'No task is ever acknowledged, because the broker was told not to expect it.',
          looksLike: 'no-ack',
          show: [noAckConsume(several), deliveries(several)[0]?.frame],
          wrong: withNoAck(several),
        }
      }
      if (first && !isAcked(several, first.task) && marked(several, 'finished one') && !closing(several)) {
        return {
          seen: `The handler of '${first.task}' had resolved, but ${MOMENTS_MS / 1000} s later no ack had come for it.`,
          looksLike: settlements(several).length === 0 ? 'never-acks' : undefined,
          show: [deliveryOf(several, first.task)?.frame, first.event, waited(several)],
          wrong: { event: waited(several), instead: 'basic.ack with the tag of the task' },
        }
      }
      return (
        reached(killed, 'in the middle') ??
        reached(killed, 'looked into the queue') ??
        (first && isAcked(several, first.task) ? undefined : reached(several, 'finished one'))
      )
    }),

    expectation('gives each task to its handler as text, read as UTF-8', killed, (recording) => {
      const wrong = begun(recording).find(({ type, task }) => type !== 'string' || !KILLED.includes(task))
      if (!wrong) return begun(recording).length > 0 ? undefined : reached(recording, 'in the middle')
      const delivery = deliveries(recording)[0]
      if (wrong.type !== 'string') {
        return {
          seen: `The handler was not called with a text, but with ${wrong.type === 'undefined' ? 'nothing' : `a value of type ${wrong.type}`}.`,
          looksLike: 'not-text',
          show: [delivery?.frame, wrong.event],
          wrong: { event: wrong.event, instead: 'the handler is called with the text of the task' },
        }
      }
      return {
        seen: `The task was '${delivery?.body}', but the handler was called with '${wrong.task}'.`,
        looksLike: 'wrong-encoding',
        show: [delivery?.frame, wrong.event],
        wrong: { event: wrong.event, instead: `the handler is called with '${delivery?.body}'` },
      }
    }),
  ),
  step(
    'Each tag is the right one',
    expectation("never acknowledges a task twice, or with another's ack", several, (recording) => {
      for (const { settlement, own, also } of acks(recording)) {
        const working = also.find(({ body }) => !isFinished(recording, body, settlement.frame))
        if (working) {
          const covered = also.map(({ body }) => `'${body}'`).join(', ')
          return {
            seen: `Your service acknowledged ${own ? `'${own.body}'` : 'everything'}, and with it ${covered}: ${times(also.length, 'task')} that handlers still worked on.`,
            looksLike: 'acks-others',
            show: [working.frame, own?.frame, settlement.frame],
            wrong: { event: settlement.frame, instead: 'an ack with multiple false, which covers one task' },
          }
        }
      }
      const [first, again] = secondAck(recording) ?? []
      if (first && again) {
        return {
          seen: `Your service answered delivery ${again.deliveryTag} twice.${closedBecause(recording)}`,
          looksLike: answeredTwice(first),
          show: [first.frame, again.frame, closing(recording)],
          wrong: {
            event: again.frame,
            instead: 'one answer for each delivery: the broker closes the channel for more',
          },
        }
      }
      return channelGone(recording) ?? reached(recording, 'finished all')
    }),

    expectation('resolves with the consumer tag that the broker gave', killed, (recording) => {
      const given = frame(recording, 'basic.consume-ok')
      const answer = settled(recording, 'consume')
      if (!given) return reached(recording, 'in the middle') ?? { seen: 'No consumer was ever started.' }
      if (!answer) {
        return {
          seen: `The consumer was there, but ${MOMENTS_MS / 1000} s later consumeTasks() was still pending.`,
          show: [given, waited(recording)],
        }
      }
      if (!answer.ok) return { seen: `consumeTasks() rejected: ${said(answer)}`, show: [given, answer.event] }
      const { tag, type } = answer.value as { tag: string | null; type: string }
      if (tag === given.fields.consumerTag) return undefined
      const what = tag === null ? (type === 'undefined' ? 'nothing' : `a value of type ${type}`) : `'${tag}'`
      return {
        seen: `The broker called the consumer '${given.fields.consumerTag}', but consumeTasks() resolved with ${what}.`,
        looksLike: 'made-up-tag',
        show: [given, answer.event],
        wrong: { event: answer.event, instead: 'the call resolves with the consumerTag above' },
      }
    }),
  ),
  step(
    'A handler may fail',
    expectation('brings back a task whose handler failed', [rejects, throws], (rejects, throws) => {
      return broughtBack(rejects, 'rejected') ?? broughtBack(throws, 'threw')
    }),

    expectation('goes on with the other tasks when a handler fails', [rejects, throws], (rejects, throws) => {
      return wentOn(rejects, 'rejected') ?? wentOn(throws, 'threw')
    }),
  ),
  step(
    'The broker may take away its queue or its channel',
    expectation('lives on when its queue is deleted', cancelled, (recording) => {
      const crash = findings(recording)[0]
      if (crash && marked(recording, 'cancelled')) {
        return {
          seen: `The queue was deleted, so the broker cancelled the consumer, and the process ended. ${crash.sentence}`,
          looksLike: /\bnull\b/.test(crash.sentence) ? 'null-not-handled' : undefined,
          show: [frame(recording, 'basic.cancel'), crash],
          wrong: { event: crash, instead: 'the process lives on' },
        }
      }
      return reached(recording, 'lived on')
    }),

    expectation('lives on when its channel died while it worked', late, (recording) => {
      const crash = findings(recording)[0]
      if (crash && marked(recording, 'the channel was closed')) {
        const failed = marked(recording, 'the connection was lost')
        const ended = finishes(recording).at(-1)?.event
        return {
          seen: `The channel was closed while a handler worked. Then the handler ${failed ? 'rejected' : 'resolved'}, and the process ended. ${crash.sentence}`,
          looksLike: /clos(ed|ing)|IllegalOperation/i.test(crash.sentence) ? 'late-ack' : undefined,
          show: [recording.events.findLast((event) => isTold(event, 'channel-closed')), ended, crash],
          wrong: { event: crash, instead: 'the process lives on' },
        }
      }
      return reached(recording, 'done too late') ?? reached(recording, 'failed too late')
    }),
  ),
])

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
import { settlements } from '../../lab/recording/settlements.ts'
import type { Student } from '../../lab/student/student.ts'
import { ackOf, acksOf, answersTo, begunFor, deliveriesOf, type Task } from '../shared/by-id.ts'
import { type Deed, FAILURE, type Plan } from '../shared/handlers.ts'
import { asked, kept, STORE_ERROR, Store, type Treatment } from '../shared/store.ts'
import type { Question } from '../shared/stored.ts'
import {
  type Ack,
  acks,
  type Begun,
  begun,
  closedBecause,
  closing,
  type Events,
  finishes,
  look,
  reached as reachedBy,
  waited,
} from '../shared/tasks.ts'
import { arrival, finish, goOn, inHand, killAndLook, killAndWait, lives, roundTrip } from '../shared/work.ts'

const QUEUE = 'tasks'
const CHANNEL = 'the channel'
/** Time enough for a task to come back at once, several times; who pauses first may be later than that. */
const TURNS = 30

/** Who takes one at a time comes to it when the others have failed as often as they are made to, and has paused before each. */
const AFTER_FAILURES_MS = 12_000
/** Nobody comes so often without being let in. */
const HOT_LOOP = 6

const MAIL: Task = { task: 'send the mail to Zoë', id: 'mail-1' }
const SAME_TEXT: Task = { task: MAIL.task, id: 'mail-2' }
const INVOICE: Task = { task: 'charge the invoice 4711 💶', id: 'invoice-4711' }
const FIRST = [MAIL, SAME_TEXT, INVOICE]

const again = scenario('three tasks are done, and two of them are published again', async (stage) => {
  const { service, here } = await consume(stage, { tasks: FIRST })
  for (let done = 0; done < FIRST.length; done++) {
    // One at a time or all at once: whatever has begun can be finished.
    const what = done === 0 ? 'the handler to be called' : 'the handler to be called for each of the tasks'
    await arrival(stage, what, () => begun(stage.recorder).length > done, here).catch(goOn)
    // What was asked of the store in the same turn as the work began has come by then.
    await service.ping()
    const newest = inHand(stage, service).at(-1)
    if (!newest) break
    finish(service, newest, 'resolve')
  }
  const allAcked = () => FIRST.every(({ id }) => ackOf(stage.recorder, id) !== undefined)
  await arrival(stage, 'each task to be acknowledged', allAcked, here).catch(goOn)
  await roundTrip(service, CHANNEL)
  stage.mark('each was done')
  await publish(stage, [MAIL, INVOICE])
  const copies = () => settledCopies(stage.recorder) === 2 || begun(stage.recorder).length > FIRST.length
  await arrival(stage, 'the copies to be acknowledged', copies, here).catch(goOn)
  await lives(service)
  stage.mark('came again')
})

const unremembered = scenario('the worker is killed after its work, before the store has the id', async (stage) => {
  let silent = true
  const store = new Store(stage, (question) => (silent && isAfterWork(stage, question) ? 'wait' : 'answer'))
  const { service, here } = await consume(stage, { tasks: [INVOICE], store })
  await workOn(stage, service, here)
  await killAfterWork(stage, service, here)
  silent = false
  stage.mark('killed before it was remembered')
  if (ackOf(stage.recorder, INVOICE.id)) return
  const next = await consume(stage, { tasks: [], store })
  await workOn(stage, next.service, next.here)
  const acked = () => acksOf(stage.recorder, INVOICE.id).length > 0
  await arrival(stage, 'the task to be acknowledged', acked, next.here)
  stage.mark('done by the second worker')
})

const unacknowledged = scenario('the worker is killed when the store has the id, before the ack', async (stage) => {
  let silent = true
  const store = new Store(stage, (question) => (silent && isAfterWork(stage, question) ? 'keep silent' : 'answer'))
  const { service, here } = await consume(stage, { tasks: [INVOICE], store })
  await workOn(stage, service, here)
  await killAfterWork(stage, service, here)
  silent = false
  stage.mark('killed when it was remembered')
  if (ackOf(stage.recorder, INVOICE.id)) return
  const next = await consume(stage, { tasks: [], store })
  const seen = () =>
    acksOf(stage.recorder, INVOICE.id).length > 0 || begun(stage.recorder).some(({ student }) => student === 2)
  await arrival(stage, 'the task to be acknowledged', seen, next.here).catch(goOn)
  await lives(next.service)
  stage.mark('seen by the second worker')
})

const twins = scenario('two copies of a task come at the same moment', async (stage) => {
  let together = false
  const store = new Store(stage, () => (together ? 'answer' : 'wait'))
  const { service, here } = await consume(stage, { tasks: [INVOICE, INVOICE], store })
  // Who takes one at a time gets the second later.
  const both = () => deliveries(stage.recorder).filter(isComplete).length === 2
  await stage.wire.sees('basic.deliver', {}, { from: 'broker' })
  await inTurns(service, TURNS, both)
  await lives(service)
  together = true
  store.answerAll()
  await arrival(stage, 'the handler to be called', () => begun(stage.recorder).length > 0, here)
  // What both have asked was answered to both: a second handler would have begun by now.
  await lives(service)
  await roundTrip(service, CHANNEL)
  for (const one of inHand(stage, service)) finish(service, one, 'resolve')
  const settled = () => acksOf(stage.recorder, INVOICE.id).length === 2 || begun(stage.recorder).length > 1
  await arrival(stage, 'both copies to be acknowledged', settled, here).catch(goOn)
  await lives(service)
  stage.mark('both copies were there')
})

const REJECTS: Task = { task: 'charge the invoice 4712', id: 'invoice-4712' }
const THROWS: Task = { task: 'charge the invoice 4713', id: 'invoice-4713' }
const FINE: Task = { task: 'charge the invoice 4714', id: 'invoice-4714' }
const FAILING = [REJECTS, THROWS, FINE]

const fails = scenario('handlers fail', async (stage) => {
  await playAndLook(stage, FAILING, { plan: { [REJECTS.task]: ['reject', 'reject'], [THROWS.task]: ['throw'] } })
})

const twinFails = scenario('two copies come at the same moment, and the work fails at first', async (stage) => {
  await playAndLook(stage, [REJECTS, REJECTS, FINE], { plan: { [REJECTS.task]: ['reject'] } })
})

const WITHOUT: Task[] = [
  { task: 'print the label 1' },
  { task: 'print the label 2', id: '' },
  { task: 'print the label 3' },
  { task: 'print the label 4', id: '' },
]

const withoutId = scenario('tasks without an id', async (stage) => {
  const { service, here } = await consume(stage, { tasks: WITHOUT })
  await arrival(stage, 'the handler to be called', () => begun(stage.recorder).length > 0, here)
  await inTurns(service, TURNS, () => begun(stage.recorder).length === WITHOUT.length)
  const end = (one: Begun) => finish(service, one, 'resolve')
  const stop = stage.recorder.listen((event) => begun({ events: [event] }).forEach(end))
  try {
    inHand(stage, service).forEach(end)
    const allAcked = () => WITHOUT.every(({ task }) => isAckedByText(stage.recorder, task))
    await arrival(stage, 'each task without an id to be acknowledged', allAcked, here).catch(goOn)
    await lives(service)
    stage.mark('all were there')
  } finally {
    stop()
  }
})

const UNSURE: Task = { task: 'charge the invoice 4715', id: 'invoice-4715' }
const FORGOTTEN: Task = { task: 'charge the invoice 4716', id: 'invoice-4716' }
const STORE_FAILURES = 3

const storeFails = scenario('the store rejects, several times in a row', async (stage) => {
  const left: Record<string, number> = { has: STORE_FAILURES, add: STORE_FAILURES }
  const fails = ({ what, id }: Question) => id === (what === 'has' ? UNSURE.id : FORGOTTEN.id)
  const store = new Store(stage, (question): Treatment => {
    if (!fails(question)) return 'answer'
    const more = left[question.what] ?? 0
    left[question.what] = more - 1
    return more > 0 ? 'reject' : 'answer'
  })
  await playAndLook(stage, [UNSURE, FORGOTTEN, FINE], { store })
})

// ---- What the scenarios do

interface Consume {
  tasks: Task[]
  plan?: Plan
  otherwise?: Deed
  store?: Store
}

/** Fills a queue and has a process of its own consume from it. Without a store it gets one that works. */
async function consume(stage: Stage, { tasks, store = new Store(stage), ...options }: Consume) {
  await stage.observer.declare(QUEUE, { durable: true })
  await publish(stage, tasks)
  const service = await stage.student()
  store.serve(service)
  service.call('consume', { ...options, url: stage.url, queue: QUEUE, channel: CHANNEL })
  return { service, here: { service, channel: CHANNEL } }
}

async function publish(stage: Stage, tasks: Task[]): Promise<void> {
  for (const { task, id } of tasks) {
    await stage.observer.publish(QUEUE, [task], { persistent: true, ...(id !== undefined && { messageId: id }) })
  }
}

type Here = { service: Student; channel: string }

/** Waits for the handler of this process, and lets it succeed. */
async function workOn(stage: Stage, service: Student, here: Here): Promise<void> {
  const mine = () => begun(stage.recorder).some(({ student }) => student === service.number)
  await arrival(stage, 'the handler to be called', mine, here)
  // As above: who does not wait for the work has asked the store before it ends.
  await service.ping()
  for (const one of inHand(stage, service)) finish(service, one, 'resolve')
}

/** Kills the process when its work is done and the store has been told of it; or when it has acknowledged without that. */
async function killAfterWork(stage: Stage, service: Student, here: Here): Promise<void> {
  const told = () =>
    asked(stage.recorder, 'add', INVOICE.id).length > 0 || ackOf(stage.recorder, INVOICE.id) !== undefined
  await arrival(stage, 'the store to be told of it', told, here).catch(goOn)
  await roundTrip(service, CHANNEL)
  await killAndWait(stage, service, QUEUE)
}

/** Handlers end by themselves as planned. What comes back at once may come back; then the process is killed. */
async function playAndLook(stage: Stage, tasks: Task[], options: Pick<Consume, 'plan' | 'store'>): Promise<void> {
  const { service, here } = await consume(stage, { tasks, otherwise: 'resolve', ...options })
  try {
    await arrival(stage, `'${FINE.task}' to be acknowledged`, () => ackOf(stage.recorder, FINE.id) !== undefined, {
      ...here,
      limitMs: AFTER_FAILURES_MS,
    })
    const all = () => tasks.every(({ id }) => ackOf(stage.recorder, id) !== undefined)
    await inTurns(service, TURNS, () => all() || closing(stage.recorder) !== undefined)
    await lives(service)
    await roundTrip(service, CHANNEL)
    stage.mark('went on')
  } finally {
    await killAndLook(stage, service, QUEUE)
  }
}

/** An id is added when the lab has let its handler succeed. */
function isAfterWork({ recorder }: Stage, { what }: Question): boolean {
  return what === 'add' && finishes(recorder).length > 0
}

// ---- What the recordings tell

function reached(recording: Recording, mark: string): Shortfall | undefined {
  return reachedBy(recording, mark, 'consumeOnce')
}

function isComplete({ completeMs }: Delivery): boolean {
  return completeMs !== undefined
}

function inOrder({ events }: Events, some: (RecordedEvent | undefined)[]): RecordedEvent[] {
  return some.filter((event) => event !== undefined).sort((a, b) => events.indexOf(a) - events.indexOf(b))
}

function isBefore({ events }: Events, one: RecordedEvent, other: RecordedEvent): boolean {
  return events.indexOf(one) < events.indexOf(other)
}

/** The handler was called for what was published again. */
function workedAgain(recording: Recording): Begun | undefined {
  const mark = recording.events.find((event) => event.kind === 'mark' && event.name === 'each was done')
  return mark && begun(recording).find(({ event }) => isBefore(recording, mark, event))
}

function ackByText(recording: Events, task: string): Ack | undefined {
  return acks(recording).find(({ own, also }) => [own, ...also].some((delivery) => delivery?.body === task))
}

function isAckedByText(recording: Events, task: string): boolean {
  return ackByText(recording, task) !== undefined
}

/** The store was asked about what was redelivered, and before that about nothing: the question, and what it was about. */
function askedWhenRedelivered(recording: Events): { delivery: Delivery; question: RecordedEvent } | undefined {
  const [first] = asked(recording, 'has')
  const delivery = first && deliveriesOf(recording, first.id ?? undefined).find(({ redelivered }) => redelivered)
  return first && delivery && isBefore(recording, delivery.frame, first.event)
    ? { delivery, question: first.event }
    : undefined
}

/** How many acks came for the second delivery of a task. */
function settledCopies(recording: Events): number {
  return [MAIL, INVOICE].filter(({ id }) => acksOf(recording, id).length > 1).length
}

/** The lab's word that a handler may succeed; it can't have done so before. */
function successOf(recording: Events, { student, call, deed, event }: Begun): RecordedEvent | undefined {
  if (deed !== 'hold') return deed === 'resolve' ? event : undefined
  return finishes(recording).find((one) => one.student === student && one.call === call && one.how === 'resolve')?.event
}

/** The first success of a handler of this task. */
function done(recording: Events, task: Task): RecordedEvent | undefined {
  return inOrder(
    recording,
    begunFor(recording, task).map((one) => successOf(recording, one)),
  )[0]
}

/** A task was remembered before it was done, or acknowledged before it was remembered, by the first worker. */
function outOfOrder(whole: Recording): Shortfall | undefined {
  const killed = whole.events.findIndex((event) => event.kind === 'mark' && event.name.startsWith('killed'))
  const recording = killed < 0 ? whole : { ...whole, events: whole.events.slice(0, killed + 1) }
  for (const { id, task } of FIRST) {
    const [work] = begunFor(recording, { id, task })
    if (!work) continue
    const success = done(recording, { id, task })
    const added = asked(recording, 'add', id)[0]?.event
    const ack = ackOf(recording, id)?.settlement.frame
    const stored = kept(recording, id ?? '')
    if (added && (!success || isBefore(recording, added, success))) {
      return {
        seen: `The store was told of '${task}' while its handler still worked on it.`,
        looksLike: 'remembers-early',
        show: inOrder(recording, [work.event, added, success]),
        wrong: { event: added, instead: 'the work first, and add() after it' },
      }
    }
    if (ack && (!success || isBefore(recording, ack, success))) {
      return {
        seen: `'${task}' was acknowledged while its handler still worked on it.`,
        looksLike: 'acks-early',
        show: inOrder(recording, [work.event, ack, success]),
        wrong: { event: ack, instead: 'the ack belongs after the work and after add()' },
      }
    }
    if (success && !added && (ack || marked(recording, 'each was done'))) {
      return {
        seen: `'${task}' was done and acknowledged, and the store was never told of its id.`,
        looksLike: notRemembered(recording),
        show: [
          success,
          ...asked(recording, 'add')
            .map(({ event }) => event)
            .slice(0, 1),
          ack,
        ],
        wrong: { event: ack, instead: `first add('${id}')` },
      }
    }
    if (ack && added && (!stored || isBefore(recording, ack, stored))) {
      return {
        seen: `'${task}' was acknowledged before the store had said that it has its id.`,
        looksLike: 'acks-before-remembering',
        show: inOrder(recording, [success, added, ack, stored]),
        wrong: { event: ack, instead: 'first the answer of the store, then the ack' },
      }
    }
  }
  return undefined
}

function notRemembered(recording: Recording): string {
  if (asked(recording, 'add').length > 0) return 'not-the-message-id'
  const known = asked(recording, 'has').length === 0 && marked(recording, 'came again') && !workedAgain(recording)
  return known ? 'own-memory' : 'never-remembers'
}

/** What the queue held when the worker was gone, by task. */
function isInTheQueue(recording: Recording, { task }: Task): boolean {
  const event = look(recording)
  return event?.kind === 'broker' && (event.data.tasks as { task: string }[]).some((one) => one.task === task)
}

/** A task of these that was never done, and that nobody has any more; or the process that ended over it. */
function lost(recording: Recording, tasks: Task[], error: string): Shortfall | undefined {
  const [crash] = findings(recording)
  if (crash) {
    const own = `${crash.sentence} ${crash.detail ?? ''}`.includes(error)
    const ofStore = error === STORE_ERROR
    return {
      seen: `${ofStore ? 'The store rejected' : 'A handler failed'}, and the process ended. ${crash.sentence}`,
      looksLike: own ? (ofStore ? 'store-error-not-caught' : 'failure-not-caught') : undefined,
      show: [crash],
    }
  }
  const close = closing(recording)
  if (close) {
    return {
      seen: `${error === STORE_ERROR ? 'The store rejected' : 'A handler failed'}, and the channel was closed: ${close.fields.replyText}`,
      show: [close],
    }
  }
  for (const each of tasks) {
    const success = done(recording, each)
    const added = asked(recording, 'add', each.id)[0]?.event
    const [failed] = begunFor(recording, each)
    if (error === FAILURE && failed && added && (!success || isBefore(recording, added, success))) {
      return {
        seen: `The handler of '${each.task}' had failed, and the store was told that it is done.`,
        looksLike: 'remembers-failed',
        show: inOrder(recording, [failed.event, added]),
        wrong: { event: added, instead: 'nothing: only what is done is remembered' },
      }
    }
    if (success || !look(recording)) continue
    const comings = deliveriesOf(recording, each.id)
    const copies = comings.filter(({ redelivered }) => !redelivered).length
    if (failed && copies === 1 && comings.length > HOT_LOOP && begunFor(recording, each).length === 1) {
      return {
        seen: `The handler of '${each.task}' failed. The task came back ${comings.length - 1} times, and the handler was not called again.`,
        looksLike: 'at-work-for-ever',
        show: [failed.event, ...comings.slice(1, 3).map(({ frame }) => frame), comings.at(-1)?.frame],
      }
    }
    if (isInTheQueue(recording, each)) continue
    const ack = ackOf(recording, each.id)
    const answers = answersTo(recording, each.id)
    const answer = ack?.settlement.frame ?? answers.find(({ requeue }) => requeue === false)?.frame
    const looksLike = misconceptionOfLoss(recording, each)
    const cameBack = looksLike === 'at-work-for-ever'
    return {
      seen: `${why(recording, each)} ${cameBack ? 'It came back, and was acknowledged without work' : 'No handler ever succeeded with it'}. When the worker was gone it was not in the queue: it is lost.`,
      looksLike,
      show: inOrder(recording, [
        comings[0]?.frame,
        failed?.event,
        cameBack ? answers.find(({ requeue }) => requeue === true)?.frame : undefined,
        cameBack ? ack?.own?.frame : undefined,
        answer,
        look(recording),
      ]),
      wrong: { event: answer, instead: cameBack ? 'the work' : 'a nack with requeue, so that the task comes back' },
    }
  }
  return reached(recording, 'looked into the queue')
}

function why(recording: Recording, of: Task): string {
  return begunFor(recording, of).length > 0
    ? `The handler of '${of.task}' failed.`
    : `The store rejected when it was asked for the id of '${of.task}'.`
}

function misconceptionOfLoss(recording: Recording, task: Task): string | undefined {
  const answers = answersTo(recording, task.id)
  if (!ackOf(recording, task.id)) return answers.some(({ requeue }) => requeue === false) ? 'drops-failed' : undefined
  // It went back to the queue first, and was acknowledged when it came again.
  if (answers.some(({ requeue }) => requeue === true)) return 'at-work-for-ever'
  return begunFor(recording, task).length > 0 ? 'acks-failed' : 'done-when-in-doubt'
}

/** An ack for a task whose id the store has never taken. */
function unrememberedAck(recording: Recording, tasks: Task[]): Shortfall | undefined {
  for (const each of tasks) {
    const { id, task } = each
    // Who remembers something else than the id is told so where the order is judged.
    if (asked(recording, 'add', id).length === 0) continue
    const ack = ackOf(recording, id)?.settlement.frame
    const stored = kept(recording, id ?? '')
    if (!ack || (stored && isBefore(recording, stored, ack))) continue
    return {
      seen: `'${task}' was done, the store rejected when it was told so, and the task was acknowledged all the same.`,
      looksLike: 'acks-unremembered',
      show: inOrder(recording, [done(recording, each), asked(recording, 'add', id)[0]?.event, ack]),
      wrong: { event: ack, instead: 'no ack: the task has to come again, until it is remembered' },
    }
  }
  return undefined
}

export default check('09-idempotent-worker', [
  step(
    'What is done is not done again',
    expectation(
      'acknowledges a task without work when its id is in the store',
      [again, unacknowledged],
      (recording, unacknowledged) => {
        const copy = workedAgain(recording)
        if (copy) {
          const id = [MAIL, INVOICE].find(({ task }) => task === copy.task)?.id ?? INVOICE.id ?? ''
          const stored = kept(recording, id)
          const neverAsked = asked(recording, 'has').length === 0
          const late = neverAsked && askedWhenRedelivered(unacknowledged)
          return {
            seen: `'${copy.task}' with the id '${id}' was done. It was published again, and your handler was called again.${late ? ' The store was not asked. It was asked elsewhere, when a task came redelivered.' : ''}`,
            looksLike: neverAsked
              ? late
                ? 'asks-when-redelivered'
                : 'never-asks'
              : stored
                ? undefined
                : 'never-remembers',
            show: [
              begun(recording).find(({ task }) => task === copy.task)?.event,
              stored,
              deliveriesOf(recording, id)[1]?.frame,
              copy.event,
              ...(late ? [late.delivery.frame, late.question] : []),
            ],
            wrong: {
              event: copy.event,
              instead: late ? `first has('${id}'), and then only an ack` : 'only an ack: this work is done',
            },
          }
        }
        const unanswered = [MAIL, INVOICE].find(({ id }) => acksOf(recording, id).length < 2)
        if (unanswered && marked(recording, 'came again')) {
          const { id, task } = unanswered
          const never = acksOf(recording, id).length === 0
          const gaveBack = settlements(recording).some(({ kind }) => kind !== 'ack')
          return {
            seen: `'${task}' with the id '${id}' was done. ${never ? 'No ack ever came for it' : 'It was published again, and no ack came for the copy'}.`,
            looksLike: never ? 'never-acks' : gaveBack ? undefined : 'copy-stays',
            show: [
              deliveriesOf(recording, id)[0]?.frame,
              kept(recording, id ?? ''),
              deliveriesOf(recording, id)[1]?.frame,
              waited(recording),
            ],
          }
        }
        return reached(recording, 'each was done') ?? reached(recording, 'came again')
      },
    ),

    expectation('gives the handler the text of the task, and its id', again, (recording) => {
      for (const one of begun(recording)) {
        const delivery = deliveries(recording).find(({ properties }) => properties.messageId === one.id)
        if (delivery?.body === one.task && one.type === 'string') continue
        const given =
          one.id === null ? (one.idType === 'undefined' ? 'nothing' : `a value of type ${one.idType}`) : `'${one.id}'`
        if (!delivery) {
          return {
            seen: `The handler was called with ${given} for the id of '${one.task}'. The messages had the ids ${FIRST.map(({ id }) => `'${id}'`).join(', ')}.`,
            looksLike: one.idType === 'undefined' ? 'no-id-for-the-handler' : 'not-the-message-id',
            show: [deliveries(recording)[0]?.frame, one.event],
          }
        }
        return {
          seen: `The task was '${delivery.body}', and the handler was called with ${one.type === 'string' ? `'${one.task}'` : `a value of type ${one.type}`}.`,
          looksLike: 'wrong-text',
          show: [delivery.frame, one.event],
        }
      }
      const missing = FIRST.find(({ id }) => begun(recording).every((one) => one.id !== id))
      if (missing && begun(recording).length > 0) {
        return {
          seen: `The handler was never called for '${missing.task}' with the id '${missing.id}'. Another task had the same text, and another id.`,
          looksLike: 'not-the-message-id',
          show: [
            ...FIRST.slice(0, 2).map(({ id }) => deliveriesOf(recording, id)[0]?.frame),
            ...begun(recording).map(({ event }) => event),
            ackOf(recording, missing.id)?.settlement.frame,
          ],
        }
      }
      return begun(recording).length > 0 ? undefined : reached(recording, 'each was done')
    }),
  ),
  step(
    'Work, then remember, then acknowledge',
    expectation(
      'remembers what is done, and acknowledges what is remembered',
      [again, unremembered],
      (...recordings) => {
        for (const recording of recordings) {
          const short = outOfOrder(recording)
          if (short) return short
        }
        const [again, unremembered] = recordings
        return again && unremembered
          ? (reached(again, 'each was done') ?? reached(unremembered, 'killed before it was remembered'))
          : undefined
      },
    ),

    expectation('does again what was not remembered before it was killed', unremembered, (recording) => {
      // Told where the order is judged.
      if (outOfOrder(recording)) return undefined
      const killed = recording.events.find(
        (event) => event.kind === 'mark' && event.name === 'killed before it was remembered',
      )
      const second = begun(recording).filter(({ student }) => student === 2)
      if (killed && second.length === 0 && !findings(recording)[0]) {
        const [, later] = deliveriesOf(recording, INVOICE.id)
        const ack = acksOf(recording, INVOICE.id)[0]?.settlement.frame
        return {
          seen: `The worker was killed, and the store did not have the id. ${later ? `The task came to a second worker, ${ack ? 'which acknowledged it without work: it is lost' : 'which did not begin with it'}.` : 'The task came to no other worker.'}`,
          looksLike: ack && later?.redelivered ? 'trusts-redelivered' : undefined,
          show: [begun(recording)[0]?.event, later?.frame, ack ?? waited(recording)],
          ...(ack && { wrong: { event: ack, instead: 'the work, since the store does not know the id' } }),
        }
      }
      return reached(recording, 'done by the second worker')
    }),

    expectation('does not repeat what was remembered before it was killed', unacknowledged, (recording) => {
      const [again] = begun(recording).filter(({ student }) => student === 2)
      const stored = asked(recording, 'add', INVOICE.id)[0]?.event
      const [, later] = deliveriesOf(recording, INVOICE.id)
      // That nothing is remembered is told where the order is judged.
      if (again && !stored) return undefined
      if (again) {
        return {
          seen: 'The worker had done the task, the store had its id, and the worker was killed. A second worker got the task, and did it again.',
          looksLike: asked(recording, 'has').some(({ student }) => student === 2) ? undefined : 'own-memory',
          show: [stored, later?.frame, again.event],
          wrong: { event: again.event, instead: 'only an ack: this work is done' },
        }
      }
      if (marked(recording, 'seen by the second worker') && later && acksOf(recording, INVOICE.id).length === 0) {
        return {
          seen: 'The worker had done the task, the store had its id, and the worker was killed. A second worker got the task, and did not acknowledge it.',
          looksLike: 'copy-stays',
          show: [stored, later.frame, waited(recording)],
        }
      }
      // An ack that did not wait for the store is told where the order is judged: there is nothing left to repeat.
      if (marked(recording, 'killed when it was remembered') && acksOf(recording, INVOICE.id).length > 0)
        return undefined
      return reached(recording, 'seen by the second worker')
    }),
  ),
  step(
    'Two copies at the same moment',
    expectation('works once on two copies that come at the same moment', twins, (recording) => {
      const [first, second] = begun(recording)
      if (first && second) {
        const [one, other] = asked(recording, 'has', INVOICE.id)
        return {
          seen: `Two copies of '${INVOICE.task}' were delivered, and the handler was called for both.`,
          looksLike: one && other && other.event.ms <= second.event.ms ? 'two-at-once' : undefined,
          show: inOrder(recording, [
            ...deliveriesOf(recording, INVOICE.id).map(({ frame }) => frame),
            one?.event,
            other?.event,
            first.event,
            second.event,
          ]),
          wrong: { event: second.event, instead: 'no work: it is being done already' },
        }
      }
      if (marked(recording, 'both copies were there') && acksOf(recording, INVOICE.id).length < 2) {
        return {
          seen: `Two copies of '${INVOICE.task}' were delivered, the work was done once, and ${times(acksOf(recording, INVOICE.id).length, 'ack')} came.${closedBecause(recording)}`,
          looksLike: closing(recording) ? undefined : 'copy-stays',
          show: [...deliveriesOf(recording, INVOICE.id).map(({ frame }) => frame), first?.event, waited(recording)],
        }
      }
      return reached(recording, 'both copies were there')
    }),
  ),
  step(
    'Work fails, ids are missing',
    expectation(
      'brings back a task whose work failed, and does not remember it',
      [fails, twinFails],
      (fails, twinFails) =>
        lost(fails, [REJECTS, THROWS], FAILURE) ??
        lost(twinFails, [REJECTS], FAILURE) ??
        reached(fails, 'went on') ??
        reached(twinFails, 'went on'),
    ),

    expectation('works on every task that has no id', withoutId, (recording) => {
      const crash = findings(recording)[0]
      const odd = begun(recording).find(({ id }) => id !== '')
      if (odd) {
        return {
          seen: `'${odd.task}' has no id, and its handler was called with ${odd.id === null ? (odd.idType === 'undefined' ? 'undefined' : `a value of type ${odd.idType}`) : `'${odd.id}'`} instead of ''.`,
          looksLike: odd.id === null ? 'id-left-undefined' : 'made-up-id',
          show: [deliveries(recording).find(({ body }) => body === odd.task)?.frame, odd.event],
          wrong: { event: odd.event, instead: "'' for the id" },
        }
      }
      const skipped = WITHOUT.find(
        ({ task }) => isAckedByText(recording, task) && !begun(recording).some((one) => one.task === task),
      )
      if (skipped) {
        const ack = ackByText(recording, skipped.task)?.settlement.frame
        return {
          seen: `'${skipped.task}' has no id. It was acknowledged, and no handler had worked on it.`,
          looksLike: begun(recording).length > 0 ? 'one-id-for-all' : 'drops-without-id',
          show: [
            begun(recording)[0]?.event,
            deliveries(recording).find(({ body }) => body === skipped.task)?.frame,
            ack,
          ],
          wrong: { event: ack, instead: 'the work' },
        }
      }
      const left = WITHOUT.find(({ task }) => !isAckedByText(recording, task))
      if (left && !crash && waited(recording)) {
        const delivery = deliveries(recording).find(({ body }) => body === left.task)
        const [given] = settlements(recording).filter(({ kind }) => kind !== 'ack')
        return {
          seen: `'${left.task}' has no id. ${begun(recording).some(({ task }) => task === left.task) ? 'It was worked on, but' : 'No handler worked on it, and'} no ack came for it.`,
          looksLike: begun(recording).some(({ task }) => task === left.task) ? undefined : 'drops-without-id',
          show: [delivery?.frame, given?.frame, waited(recording)],
        }
      }
      return reached(recording, 'all were there')
    }),
  ),
  step(
    'The store may fail, too',
    expectation('loses no task when the store rejects, several times in a row', storeFails, (recording) => {
      const tasks = [UNSURE, FORGOTTEN, FINE]
      return lost(recording, tasks, STORE_ERROR) ?? unrememberedAck(recording, tasks) ?? reached(recording, 'went on')
    }),
  ),
])

import type { ArrivalOptions } from '../../lab/check/arrival.ts'
import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { closing, told } from '../../lab/recording/ask.ts'
import type { Events } from '../../lab/recording/once.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import type { ToldEvent } from '../../lab/recording/recording.ts'
import { type Task, tasks } from '../../lab/recording/tasks.ts'
import type { HandlerOptions } from '../../lab/student/handlers.ts'
import { letSucceed, QUEUE } from '../shared/consumer-scenarios.ts'
import { FAILURES, type Question, Store, severalTimes, type Treatment } from './store.ts'

export const CHANNEL = 'the channel'
/** Time enough for a task to come back at once, several times; who pauses first may be later than that. */
export const TURNS = 30
/** For what should not happen. */
export const A_WHILE = 15
/** Who takes one at a time comes to it when the others have failed as often as they are made to, and has paused before each. */
const AFTER_FAILURES_MS = 12_000

/** A task and the message_id of its message; without one, the message has no such property. */
export interface Message {
  task: string
  id?: string
  /** Other properties that a client in another language may have set: none of them is the ID. */
  properties?: { correlationId?: string; headers?: Record<string, unknown> | null }
}

/** Several tasks may belong to one order, or to none. */
export const ORDER = 'order-17'
/** One request may lead to several tasks. */
export const REQUEST = 'request-18'
const TRACED = { id: REQUEST, 'x-message-id': REQUEST, 'x-request-id': REQUEST, 'x-idempotency-key': REQUEST }

export const MAIL = {
  task: 'send the mail to Zoë',
  id: 'mail 1/é',
  properties: { correlationId: ORDER, headers: TRACED },
}
const SAME_TEXT = { task: MAIL.task, id: 'MAIL 1/É ', properties: { headers: null } }
export const INVOICE = {
  task: 'charge the invoice 4711 💶',
  id: '04711',
  properties: { correlationId: ORDER, headers: TRACED },
}
export const FIRST = [MAIL, SAME_TEXT, INVOICE]

/** What became of a message's task. */
export function of(recording: Events, { id, task }: Message): Task {
  return tasks(recording).withId(id, task)
}

/** What the exercise asked of its store, about one id or any. */
export function asked(recording: Events, what: Question['what'], id?: string): ToldEvent<'store'>[] {
  return told(recording, 'store').filter(({ data }) => data.what === what && (id === undefined || data.id === id))
}

export const again = scenario('three tasks are done, and two of them are published again', async (stage) => {
  const here = await consume(stage, { messages: FIRST })
  const { service } = here
  const begun = () => tasks(stage.recorder).attempts.length
  for (let done = 0; done < FIRST.length; done++) {
    // One at a time or all at once: whatever has begun can be finished.
    const what = done === 0 ? 'the handler to be called' : 'the handler to be called for each of the tasks'
    await stage.arrival(what, () => begun() > done, here).catch(goOn)
    // What was asked of the store in the same turn as the work began has come by then.
    await service.ping()
    const newest = service.unfinished.at(-1)
    if (!newest) break
    service.finish('resolve', [newest])
  }
  const allAcked = () => FIRST.every((message) => of(stage.recorder, message).isAcked)
  await stage.arrival('each task to be acknowledged', allAcked, here).catch(goOn)
  await service.roundTrip(CHANNEL)
  stage.mark('each was done')
  await publish(stage, [MAIL, INVOICE])
  const copies = () => [MAIL, INVOICE].every((message) => of(stage.recorder, message).acks.length > 1)
  const what = 'the copies to be acknowledged'
  await stage.arrival(what, () => copies() || begun() > FIRST.length, here).catch(goOn)
  await service.lives()
  stage.mark('came again')
})

export const unremembered = killedAfterWork(
  'the worker is killed after its work, before the store has the id',
  { treatment: 'wait', mark: 'killed before it was remembered' },
  async (stage, here) => {
    await workOn(stage, here)
    await stage.arrival('the task to be acknowledged', () => of(stage.recorder, INVOICE).isAcked, here)
    stage.mark('done by the second worker')
  },
)

export const unacknowledged = killedAfterWork(
  'the worker is killed when the store has the id, before the ack',
  { treatment: 'keep silent', mark: 'killed when it was remembered' },
  async (stage, here) => {
    const isBegun = () => tasks(stage.recorder).attempts.some(({ student }) => student === 2)
    const seen = () => of(stage.recorder, INVOICE).isAcked || isBegun()
    await stage.arrival('the task to be acknowledged', seen, here).catch(goOn)
    await here.service.lives()
    stage.mark('seen by the second worker')
  },
)

/** @param treatment of what the store is told when the work is done, while the first worker lives */
function killedAfterWork(
  name: string,
  { treatment, mark }: { treatment: Treatment; mark: string },
  next: (stage: Stage, here: ArrivalOptions) => Promise<void>,
) {
  return scenario(name, async (stage) => {
    const { recorder } = stage
    let killed = false
    // An id is added when the lab has let its handler succeed.
    const isAfterWork = ({ what }: Question) => what === 'add' && tasks(recorder).finishes.length > 0
    const store = new Store(stage, (question) => (!killed && isAfterWork(question) ? treatment : 'answer'))
    const here = await consume(stage, { messages: [INVOICE], store })
    await workOn(stage, here)
    // Or it acknowledges without that.
    const isTold = () => asked(recorder, 'add', INVOICE.id).length > 0 || of(recorder, INVOICE).isAcked
    await stage.arrival('your service to call add() or acknowledge the task', isTold, here).catch(goOn)
    await here.service.roundTrip(CHANNEL)
    await stage.kill(here.service, QUEUE)
    killed = true
    stage.mark(mark)
    if (of(recorder, INVOICE).isAcked) return
    await next(stage, await consume(stage, { messages: [], store }))
  })
}

export const twins = scenario('two copies of a task come at the same moment', async (stage) => {
  let together = false
  let remembered = true
  const store = new Store(stage, ({ what }) => (together && (remembered || what === 'has') ? 'answer' : 'wait'))
  const here = await consume(stage, { messages: [INVOICE, INVOICE], store })
  const { service } = here
  // Who takes one at a time gets the second later.
  const both = () => tasks(stage.recorder).deliveries.filter(({ completeMs }) => completeMs !== undefined).length === 2
  await stage.wire.sees('basic.deliver', {}, { from: 'broker' })
  await inTurns(service, TURNS, both)
  await service.lives()
  together = true
  store.answerAll()
  await stage.begun(1, here)
  // What both have asked was answered to both: a second handler would have begun by now.
  await service.lives()
  await service.roundTrip(CHANNEL)
  remembered = false
  service.finish('resolve', service.unfinished)
  // Whoever lets the copy in when the work is done, but not yet remembered, has asked for it by now.
  await inTurns(service, A_WHILE, () => tasks(stage.recorder).attempts.length > 1)
  remembered = true
  store.answerAll()
  const settled = () => of(stage.recorder, INVOICE).acks.length === 2 || tasks(stage.recorder).attempts.length > 1
  await stage.arrival('both copies to be acknowledged', settled, here).catch(goOn)
  await service.lives()
  stage.mark('both copies were there')
})

export const REJECTS = { task: 'charge the invoice 4712', id: 'invoice-4712' }
export const THROWS = { task: 'charge the invoice 4713', id: 'invoice-4713' }
export const FINE = { task: 'charge the invoice 4714', id: 'invoice-4714' }

export const fails = scenario('handlers fail', async (stage) => {
  const plan = { [REJECTS.task]: Array<'hold'>(FAILURES + 1).fill('hold'), [THROWS.task]: ['throw' as const] }
  await playAndLook(stage, { messages: [REJECTS, THROWS, FINE], plan, fails: severalTimes() })
})

export const twinFails = scenario('two copies come at the same moment, and the work fails at first', async (stage) => {
  await playAndLook(stage, { messages: [REJECTS, REJECTS, FINE], plan: { [REJECTS.task]: ['reject'] } })
})

export const WITHOUT: Message[] = [
  { task: 'print the label 1', properties: { correlationId: ORDER } },
  { task: 'print the label 2', id: '' },
  // Nothing but a body.
  { task: 'print the label 3', properties: { headers: null } },
  { task: 'print the label 4', id: '', properties: { correlationId: ORDER, headers: { id: 'label-4' } } },
  // The same text again: without an ID it is another task.
  { task: 'print the label 1', properties: { headers: null } },
]

/** How many of the tasks without an ID have this text. */
export function countOf(text: string): number {
  return WITHOUT.filter(({ task }) => task === text).length
}

/** How many deliveries with this text were acknowledged. */
export function ackedOf(recording: Events, text: string): number {
  const covered = tasks(recording).acks.flatMap(({ own, also }) => (own ? [own, ...also] : also))
  return covered.filter(({ body }) => body === text).length
}

export const withoutId = scenario('tasks without an id', async (stage) => {
  const here = await consume(stage, { messages: WITHOUT })
  const { service } = here
  await stage.begun(1, here)
  await inTurns(service, TURNS, () => tasks(stage.recorder).attempts.length === WITHOUT.length)
  const stop = letSucceed(stage, service)
  try {
    const allAcked = () => WITHOUT.every(({ task }) => ackedOf(stage.recorder, task) >= countOf(task))
    await stage.arrival('each task without an ID to be acknowledged', allAcked, here).catch(goOn)
    await service.lives()
    stage.mark('all were there')
  } finally {
    stop()
  }
})

/** Done long ago. */
export const KNOWN = { task: 'charge the invoice 4709', id: 'invoice-4709' }
export const UNSURE = { task: 'charge the invoice 4715', id: 'invoice-4715' }
export const FORGOTTEN = { task: 'charge the invoice 4716', id: 'invoice-4716' }

export const storeFails = scenario('the store rejects, several times in a row', async (stage) => {
  const fails = {
    has: new Map([UNSURE, KNOWN].map(({ id }) => [id, severalTimes()])),
    add: new Map([[FORGOTTEN.id, severalTimes()]]),
  }
  const treat = ({ what, id }: Question) => (fails[what].get(id ?? '')?.() ? 'reject' : 'answer')
  const store = new Store(stage, treat, [KNOWN.id])
  await playAndLook(stage, { messages: [UNSURE, KNOWN, FORGOTTEN, FINE], store })
})

interface Consume extends HandlerOptions {
  messages: Message[]
  /** By default one that works. */
  store?: Store
  /** Whether a handler fails that is planned to wait. */
  fails?: () => boolean
}

/** Fills a queue and has a process of its own consume from it. */
export async function consume(stage: Stage, { messages, store = new Store(stage), ...options }: Consume) {
  await stage.observer.declare(QUEUE, { durable: true })
  await publish(stage, messages)
  const service = await stage.student()
  store.serve(service)
  service.call('consume', { ...options, url: stage.url, queue: QUEUE, channel: CHANNEL })
  return { service, channel: CHANNEL }
}

export async function publish({ observer }: Stage, messages: Message[]): Promise<void> {
  for (const { task, id, properties } of messages) {
    const isIdentified = id !== undefined && { messageId: id }
    await observer.publish(QUEUE, [task], { persistent: true, ...properties, ...isIdentified })
  }
}

/** Waits for the handler of this process, and lets it succeed. */
async function workOn(stage: Stage, here: ArrivalOptions): Promise<void> {
  const { service } = here
  await stage.begun(1, here)
  // As above: who does not wait for the work has asked the store before it ends.
  await service.ping()
  service.finish('resolve', service.unfinished)
}

/** Handlers end by themselves as planned. What comes back at once may come back; then the process is killed. */
async function playAndLook(stage: Stage, { fails = () => false, ...options }: Consume): Promise<void> {
  const here = await consume(stage, { otherwise: 'resolve', ...options })
  const { service } = here
  const isAcked = (message: Message) => of(stage.recorder, message).isAcked
  const stop = stage.recorder.listen(({ kind }) => {
    if (kind !== 'told') return
    for (const one of service.unfinished) service.finish(fails() ? 'reject' : 'resolve', [one])
  })
  try {
    const limitMs = AFTER_FAILURES_MS
    await stage.arrival(`'${FINE.task}' to be acknowledged`, () => isAcked(FINE), { ...here, limitMs })
    const all = () => options.messages.every(isAcked)
    const isOver = () => all() || closing(stage.recorder) !== undefined
    const seen = () => tasks(stage.recorder).attempts.length + told(stage.recorder, 'store').length
    // What fails at once again fails as often as it is made to.
    for (let before = -1, round = 0; before < seen() && round < FAILURES && !isOver(); round++) {
      before = seen()
      await inTurns(service, TURNS, () => isOver() || seen() > before)
    }
    await inTurns(service, TURNS, isOver)
    await service.lives()
    await service.roundTrip(CHANNEL)
    stage.mark('went on')
  } finally {
    stop()
    await stage.killAndLook(service, QUEUE)
  }
}

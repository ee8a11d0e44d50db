import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { counting, frames, told } from '../../lab/recording/ask.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import type { Student } from '../../lab/student/student.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { inject } from '../../lab/wire/faults/inject.ts'
import { lateConfirms } from '../../lab/wire/faults/late-confirms.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { stall } from '../../lab/wire/faults/stall.ts'

/** With a capital letter and a dot: a queue's name is taken as it is. */
export const QUEUE = 'Tasks.EU'
export const FULL = 'tasks-full'
export const MISSING = 'tasks-with-a-typing-error'
/** It is not there at first, and then it is. */
export const LATECOMER = 'tasks-of-tomorrow'
export const TOO_EARLY = 'order 9'
export const IN_TIME = 'order 10'
/** More failures in a row than people bear before they give up for a while. */
const IN_A_ROW = Array.from({ length: 12 }, (_, nth) => `order 7${'abcdefghijkl'[nth]}`)
/** One answer of the event loop, or of the broker. */
export const MOMENTS_MS = 4000
/** 150 ms at least, in which a call that does not wait for the broker has settled long since. */
const A_WHILE = 15
/** Three seconds at least without any progress: nothing more will come. */
const STUCK = 300
export const TASKS = ['Beleg für Zoë drucken: 12,50 €', ' 領収書を送る ', 'send the receipt 🧾']

export const confirms = scenario("the broker's acks are slow", async (stage) => {
  const { service, publish } = await open(stage)
  const acks = await stage.wire.switchOn(hold({ method: 'basic.ack', from: 'broker' }))
  const [first = '', ...others] = TASKS
  const call = publish(QUEUE, first)
  await stage.wire.sees('basic.ack', {}, { from: 'broker', limitMs: MOMENTS_MS }).catch(goOn)
  await inTurns(service, A_WHILE, () => hasSettled(stage, call))
  await service.ask('given')
  stage.mark('the ack was kept back')
  await acks.off()
  await settle(stage, service, [call])
  const calls = others.map((task) => publish(QUEUE, task))
  // Where the first did not hear of its ack, these won't either.
  if (hasSettled(stage, call)) await settle(stage, service, calls)
  await stage.wire.sees('basic.publish', {}, { count: TASKS.length })
  stage.mark('published')
})

export const PATIENT = 'send the invoice'

export const patient = scenario("the broker's ack takes half a minute", async (stage) => {
  const { service, publish } = await open(stage)
  const acks = await stage.wire.switchOn(hold({ method: 'basic.ack', from: 'broker' }))
  // A timer goes by the clocks as they are when it is set.
  await service.ask('hurry')
  const call = publish(QUEUE, PATIENT)
  await stage.wire.sees('basic.ack', {}, { from: 'broker', limitMs: MOMENTS_MS }).catch(goOn)
  await inTurns(service, A_WHILE, () => hasSettled(stage, call))
  stage.mark('half a minute went by')
  await acks.off()
})

const LATER = [
  [QUEUE, 'order 5'],
  [MISSING, 'order 6'],
  [QUEUE, 'order 6'],
  [FULL, 'order 7'],
  [QUEUE, 'order 7'],
  ...IN_A_ROW.map((task, nth) => [nth % 2 === 0 ? FULL : MISSING, task] as const),
  [QUEUE, 'order 8'],
  [LATECOMER, TOO_EARLY],
  [LATECOMER, IN_TIME],
] as const

export const outcomes = scenario('some queues are full or missing', async (stage) => {
  await stage.observer.declare(FULL, { durable: true, maxLength: 1, overflow: 'reject-publish' })
  await stage.observer.publish(FULL, ['the task that fills it'])
  const confirms = await stage.wire.switchOn(lateConfirms())
  const { service, publish } = await open(stage)
  // In one go, with the same texts for different queues, and with all returns before the first ack: neither the order nor
  // the text tells whose an answer is.
  const calls = [
    publish(QUEUE, 'order 1'),
    publish(MISSING, 'order 2'),
    publish(FULL, 'order 3'),
    publish(QUEUE, 'order 2'),
    publish(QUEUE, 'order 3'),
    publish(MISSING, 'order 1'),
    publish(FULL, 'order 1'),
    publish(QUEUE, 'order 4'),
  ]
  const confirmed = () => ['basic.ack', 'basic.nack'].flatMap((method) => frames(stage.recorder, method)).length
  // Whoever publishes one at a time has only the first answer to wait for.
  await inTurns(service, A_WHILE, () => confirmed() === calls.length)
  await confirms.off()
  await settle(stage, service, calls)
  stage.mark('answered')
  // One after the other: a bad answer is over with its own call.
  for (const [queue, task] of LATER) {
    if (!calls.every((call) => hasSettled(stage, call))) break
    if (task === IN_TIME) await stage.observer.declare(LATECOMER, { durable: true })
    calls.push(publish(queue, task))
    await settle(stage, service, calls.slice(-1))
  }
  stage.mark('answered later, too')
  await stage.observer.drain(QUEUE)
  stage.mark('looked into the queue')
})

export const LATE = 'too late'
export const AFRESH = 'on a new channel'

export const lost = scenario('the connection is lost before the ack', async (stage) => {
  const { service, publish } = await open(stage)
  const acks = await stage.wire.switchOn(hold({ method: 'basic.ack', from: 'broker' }))
  const calls = TASKS.map((task) => publish(QUEUE, task))
  await stage.wire.sees('basic.ack', {}, { from: 'broker' })
  await service.ping()
  stage.mark('waiting for the ack')
  await stage.wire.switchOn(reset())
  await service.told('channel-closed', { what: 'the connection to be lost' })
  await settle(stage, service, calls)
  stage.mark('after the loss')
  await settle(stage, service, [publish(QUEUE, LATE)])
  stage.mark('a late call')
  await acks.off()
  // As a service does that has connected again.
  await service.ask('open', { url: stage.url, channel: 'another channel' })
  await settle(stage, service, [publish(QUEUE, AFRESH)])
  stage.mark('a call on a new channel')
})

/** More calls fail than people let be unconfirmed at once. */
export const MANY = { calls: 5_000, missing: 250 }

export const many = scenario('5,000 calls at once', async (stage) => {
  const { service } = await open(stage)
  const missing = { queue: MISSING, each: MANY.calls / MANY.missing }
  await service.ask('publishMany', { queue: QUEUE, calls: MANY.calls, missing })
  await settleMany(stage, service)
  await stage.observer.queue(QUEUE)
  stage.mark('looked into the queue')
})

export const BIG = { queue: QUEUE, calls: 2_000, kb: 20 }
export const ALLOWED_BYTES = 25_000_000
/** With what the network has taken and not brought. It may not grow with the number of calls. */
export const ALLOWED_AGAIN_BYTES = 40_000_000
export const WARM_UP = 'warm up'
/** Nothing more is given to the channel when so many looks in a row have found the same. */
const STILL = 10
/** So many more tasks come to the broker only when the channel has drained. */
const SOME_MORE = 50

/** More than the tasks of which the wire has seen the beginning only. */
const CUT_OFF = 10

export const stalled = scenario('the link is stalled', async (stage) => {
  const { service } = await open(stage)
  await warmUp(service)
  const link = await stage.wire.switchOn(stall())
  await service.ask('publishMany', BIG)
  const given = await lookUntilStill(stage, service)
  stage.mark('measured')
  await service.ask('publishMany', BIG)
  await link.off()
  if (given < BIG.calls) {
    // There is room again, and then none: whoever went on has to ask once more.
    const published = counting(stage.recorder, (event) => event.kind === 'frame' && event.method === 'basic.publish')
    const wanted = published() + given + SOME_MORE
    const publishing = { service, methods: ['basic.publish'] }
    await stage.arrival('the tasks that waited', () => published() >= wanted, publishing).catch(goOn)
    const again = await stage.wire.switchOn(stall())
    const answered = { service, methods: ['basic.ack', 'basic.nack'] }
    await stage.arrival('the acks', () => confirmed(stage) >= published() - CUT_OFF, answered).catch(goOn)
    await lookUntilStill(stage, service)
    await again.off()
  }
  stage.mark('measured again')
  await settleMany(stage, service)
  await stage.observer.queue(QUEUE)
  stage.mark('looked into the queue')
})

// A channel that the broker closes emits 'error' and 'close'; one whose connection is lost emits 'close' only.
export const closedWhileStalled = lostWhileStalled('the channel is closed while the link is stalled', async (stage) => {
  const { connection, channel } = await stage.wire.sees('confirm.select')
  const closed = { replyCode: 406, replyText: 'PRECONDITION_FAILED - the lab has closed the channel' }
  await stage.wire.switchOn(inject('channel.close', closed, { connection, channel }))
})

export const resetWhileStalled = lostWhileStalled('the connection is lost while the link is stalled', (stage) =>
  stage.wire.switchOn(reset()),
)

/** Many calls wait for room that will never come: the channel is gone first. */
function lostWhileStalled(name: string, lose: (stage: Stage) => Promise<unknown>) {
  return scenario(name, async (stage) => {
    const { service } = await open(stage)
    await warmUp(service)
    await stage.wire.switchOn(stall())
    await service.ask('publishMany', BIG)
    await service.ping()
    stage.mark('waiting')
    await lose(stage)
    await service.told('channel-closed', { what: 'the channel to be lost' })
    await settleMany(stage, service)
    stage.mark('after the loss')
  })
}

/** A publisher, and the queue for it. */
async function open(stage: Stage) {
  await stage.observer.declare(QUEUE, { durable: true })
  const service = await stage.student()
  await service.ask('open', { url: stage.url })
  return { service, publish: (queue: string, task: string) => service.call('publish', { queue, task }) }
}

/** Waits until the calls have settled: as long as a moment takes, and on a busy machine some turns longer. */
async function settle(stage: Stage, service: Student, calls: number[]): Promise<void> {
  const what = calls.length === 1 ? 'publish() to settle' : `${calls.length} calls of publish() to settle`
  await stage.arrival(what, () => calls.every((call) => hasSettled(stage, call)), { service }).catch(goOn)
}

/** What was made at once may also be done one by one: it may take as long as it gets on. */
async function settleMany({ recorder }: Stage, service: Student): Promise<void> {
  let before = Number.POSITIVE_INFINITY
  const allSettled = counting(recorder, (event) => event.kind === 'told' && event.name === 'all-settled')
  for (;;) {
    await service.ask('outcomes')
    const pending = told(recorder, 'outcomes').at(-1)?.data.pending ?? 0
    if (pending === 0 || pending >= before) return
    before = pending
    await inTurns(service, STUCK, () => allSettled() > 0)
  }
}

/** All that is loaded or set up only once is there before anything is measured. */
async function warmUp(service: Student): Promise<void> {
  await service.ask('publish', { queue: QUEUE, task: WARM_UP })
}

/** How many tasks the broker has answered for. */
function confirmed({ recorder }: Stage): number {
  const answers = frames(recorder, 'basic.ack', 'basic.nack').map(({ fields }) => fields)
  const upTo = Math.max(0, ...answers.filter(({ multiple }) => multiple).map(({ deliveryTag }) => Number(deliveryTag)))
  return upTo + new Set(answers.map(({ deliveryTag }) => Number(deliveryTag)).filter((tag) => tag > upTo)).size
}

/** Looks again and again until no more is given to the channel, nor confirmed. How many tasks it has then. */
async function lookUntilStill({ recorder }: Stage, service: Student): Promise<number> {
  let before = -1
  for (let still = 0; still < STILL; still++) {
    await service.ask('given', { kb: BIG.kb })
    const tasks = told(recorder, 'given').at(-1)?.data.tasks ?? 0
    if (tasks !== before) still = 0
    before = tasks
    await inTurns(service, 1, () => false)
  }
  return before
}

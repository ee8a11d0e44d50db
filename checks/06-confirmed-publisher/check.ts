import { check, expectation, step } from '../../lab/check/check.ts'
import {
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  type Stage,
  settled,
  times,
} from '../../lab/check/evidence.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { messages } from '../../lab/recording/messages.ts'
import { type Published, published } from '../../lab/recording/published.ts'
import type { FrameEvent, ToldEvent } from '../../lab/recording/recording.ts'
import type { Student } from '../../lab/student/student.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { inject } from '../../lab/wire/faults/inject.ts'
import { lateConfirms } from '../../lab/wire/faults/late-confirms.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { stall } from '../../lab/wire/faults/stall.ts'
import { inQueue } from '../shared/order.ts'
import { look, waited } from '../shared/tasks.ts'
import { goOn } from '../shared/work.ts'
import type { Fates, Memory } from './driver.ts'

const QUEUE = 'tasks'
const FULL = 'tasks-full'
const MISSING = 'tasks-with-a-typing-error'
/** One answer of the event loop, or of the broker. */
const MOMENTS_MS = 4000
/** 150 ms at least, in which a call that does not wait for the broker has settled long since. */
const A_WHILE = 15
/** Three seconds at least without any progress: nothing more will come. */
const STUCK = 300
const TASKS = ['Beleg für Zoë drucken: 12,50 €', '領収書を送る', 'send the receipt 🧾']

const confirms = scenario("the broker's acks are slow", async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  const service = await open(stage)
  const acks = await stage.wire.switchOn(hold({ method: 'basic.ack', from: 'broker' }))
  const [first = '', ...others] = TASKS
  const call = service.call('publish', { queue: QUEUE, task: first })
  await stage.wire.sees('basic.ack', {}, { from: 'broker', limitMs: MOMENTS_MS }).catch(goOn)
  await inTurns(service, A_WHILE, () => hasSettled(stage, call))
  stage.mark('the ack was kept back')
  await acks.off()
  await settle(stage, service, [call])
  await settle(
    stage,
    service,
    others.map((task) => service.call('publish', { queue: QUEUE, task })),
  )
  await stage.wire.sees('basic.publish', {}, { count: TASKS.length })
  stage.mark('published')
})

const fates = scenario('some queues are full or missing', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.declare(FULL, { durable: true, maxLength: 1, overflow: 'reject-publish' })
  await stage.observer.publish(FULL, ['the task that fills it'])
  const confirms = await stage.wire.switchOn(lateConfirms())
  const service = await open(stage)
  // In one go, with the same texts for different queues, and with all returns before the first ack: neither the order nor
  // the text tells whose an answer is.
  const calls = [
    [QUEUE, 'order 1'],
    [MISSING, 'order 2'],
    [FULL, 'order 3'],
    [QUEUE, 'order 2'],
    [QUEUE, 'order 3'],
    [MISSING, 'order 1'],
    [FULL, 'order 1'],
    [QUEUE, 'order 4'],
  ].map(([queue, task]) => service.call('publish', { queue, task }))
  // Whoever publishes one at a time has only the first answer to wait for.
  await inTurns(service, A_WHILE, () => confirmed(stage) === calls.length)
  await confirms.off()
  await settle(stage, service, calls)
  stage.mark('answered')
  await stage.observer.drain(QUEUE)
  stage.mark('looked into the queue')
})

const lost = scenario('the connection is lost before the ack', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  const service = await open(stage)
  await stage.wire.switchOn(hold({ method: 'basic.ack', from: 'broker' }))
  const calls = TASKS.map((task) => service.call('publish', { queue: QUEUE, task }))
  await stage.wire.sees('basic.ack', {}, { from: 'broker' })
  await service.ping()
  stage.mark('waiting for the ack')
  await stage.wire.switchOn(reset())
  await service.told('channel-closed', { what: 'the connection to be lost' })
  await settle(stage, service, calls)
  stage.mark('after the loss')
  await settle(stage, service, [service.call('publish', { queue: QUEUE, task: LATE })])
  stage.mark('a late call')
})

const LATE = 'too late'

const MANY = { calls: 5_000, missing: 5 }

const many = scenario('5,000 calls at once', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  const service = await open(stage)
  const missing = { queue: MISSING, each: MANY.calls / MANY.missing }
  await service.ask('publishMany', { queue: QUEUE, calls: MANY.calls, missing })
  await settleMany(stage, service)
  await stage.observer.queue(QUEUE)
  stage.mark('looked into the queue')
})

const BIG = { queue: QUEUE, calls: 2_000, kb: 20 }
const ALLOWED_BYTES = 25_000_000
/** It grows no more when so many measurements in a row have brought no growth. */
const STILL = 10
const GROWTH_BYTES = 100_000

const stalled = scenario('the link is stalled', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  const service = await open(stage)
  await warmUp(service)
  await service.ask('memory')
  const link = await stage.wire.switchOn(stall())
  await service.ask('publishMany', BIG)
  await measure(service)
  stage.mark('measured')
  await link.off()
  await settleMany(stage, service)
  await stage.observer.queue(QUEUE)
  stage.mark('looked into the queue')
})

// A channel that the broker closes emits 'error' and 'close'; one whose connection is lost emits 'close' only.
const closedWhileStalled = scenario('the channel is closed while the link is stalled', (stage) => {
  return loseWhileStalled(stage, async () => {
    const { connection, channel } = await stage.wire.sees('confirm.select')
    const closed = { replyCode: 406, replyText: 'PRECONDITION_FAILED - the lab has closed the channel' }
    await stage.wire.switchOn(inject('channel.close', closed, { connection, channel }))
  })
})

const resetWhileStalled = scenario('the connection is lost while the link is stalled', (stage) => {
  return loseWhileStalled(stage, () => stage.wire.switchOn(reset()))
})

// ---- What the scenarios do

async function open(stage: Stage): Promise<Student> {
  const service = await stage.student()
  await service.ask('open', { url: stage.url })
  return service
}

/** Many calls wait for room that will never come: the channel is gone first. */
async function loseWhileStalled(stage: Stage, lose: () => Promise<unknown>): Promise<void> {
  await stage.observer.declare(QUEUE, { durable: true })
  const service = await open(stage)
  await warmUp(service)
  await stage.wire.switchOn(stall())
  await service.ask('publishMany', BIG)
  await service.ping()
  stage.mark('waiting')
  await lose()
  await service.told('channel-closed', { what: 'the channel to be lost' })
  await settleMany(stage, service)
  stage.mark('after the loss')
}

/** How many confirms the broker has sent so far. */
function confirmed({ recorder }: Stage): number {
  return recorder.events.filter(
    (event) => isFrame(event, 'basic.ack', 'broker') || isFrame(event, 'basic.nack', 'broker'),
  ).length
}

/** Waits until the calls have settled: as long as a moment takes, and on a busy machine some turns longer. */
async function settle(stage: Stage, service: Student, calls: number[]): Promise<void> {
  const what = calls.length === 1 ? 'publish() to settle' : `${calls.length} calls of publish() to settle`
  const all = () => calls.every((call) => hasSettled(stage, call))
  if (all()) return
  await stage.recorder.waitFor(what, (event) => event.kind === 'told' && all(), { limitMs: MOMENTS_MS }).catch(goOn)
  await inTurns(service, A_WHILE, all)
}

/** What was made at once may also be done one by one: it may take as long as it gets on. */
async function settleMany(stage: Stage, service: Student): Promise<void> {
  let before = Number.POSITIVE_INFINITY
  for (;;) {
    const { value } = await service.ask('fates')
    const { pending } = value as Fates
    if (pending === 0 || pending >= before) return
    before = pending
    await inTurns(service, STUCK, () => allSettled(stage))
  }
}

function allSettled({ recorder }: Stage): boolean {
  return recorder.events.findLast((event) => event.kind === 'told' && event.name === 'all-settled') !== undefined
}

/** All that is loaded or set up only once is there before anything is measured. */
async function warmUp(service: Student): Promise<void> {
  await service.ask('publish', { queue: QUEUE, task: 'warm up' })
}

/** Measures again and again until the memory grows no more, or has grown too much. */
async function measure(service: Student): Promise<void> {
  let most = 0
  for (let still = 0; still < STILL && most < 10 * ALLOWED_BYTES; still++) {
    const { value } = await service.ask('memory')
    const { bytes } = value as Memory
    if (bytes > most + GROWTH_BYTES) still = 0
    most = Math.max(most, bytes)
    await inTurns(service, 1, () => false)
  }
}

// ---- What the recordings tell

/** A call of publish(), and what became of it. */
interface Call {
  queue: string
  task: string
  asked: RecordedEvent
  /** Missing: it is pending. */
  settled?: ToldEvent
  ok?: boolean
  error?: string
}

function calls(recording: Recording): Call[] {
  return recording.events.flatMap((event) => {
    if (event.kind !== 'asked' || event.name !== 'publish') return []
    const { id, args } = event.data as { id: number; args: { queue: string; task: string } }
    const end = settlements(recording).find((event) => event.data.id === id)
    const { ok, error } = end?.data ?? {}
    return [
      { ...args, asked: event, ...(end && { settled: end, ok: ok ?? false, error: error?.message ?? 'nothing' }) },
    ]
  })
}

type Settled = ToldEvent & { data: { id: number; ok: boolean; value?: unknown; error?: { message: string } } }

function settlements({ events }: Recording): Settled[] {
  return events.filter((event): event is Settled => event.kind === 'told' && event.name === 'settled')
}

/** What the driver told under this name, in order. */
function tells({ events }: Recording, name: string): ToldEvent[] {
  return events.filter((event): event is ToldEvent => event.kind === 'told' && event.name === name)
}

/** Every call for this queue has rejected; `tell` says it of the first that has not. */
function refused(
  recording: Recording,
  queue: string,
  tell: (call: Call) => Shortfall | undefined,
): Shortfall | undefined {
  const its = calls(recording).filter((call) => call.queue === queue)
  const crash = findings(recording)[0]
  if (crash) return { seen: crash.sentence, show: [crash] }
  const other = its.find(({ ok }) => ok !== false)
  if (other && (other.settled || marked(recording, 'answered'))) return tell(other)
  return its.length === 0 || other ? reached(recording, 'answered') : undefined
}

function whatItDid({ settled }: Call): string {
  return settled ? 'publish() resolved.' : `${MOMENTS_MS / 1000} s later publish() was still pending.`
}

function wronglyPublished(message: Published, task: string): Shortfall | undefined {
  const { exchange, routingKey, persistent, body, frame } = message
  if (exchange !== '' || routingKey !== QUEUE) return sentElsewhere(message)
  if (body !== task) {
    return {
      seen: `The task was '${task}', but the message's bytes, read as UTF-8, are '${body}'.`,
      show: [frame],
      looksLike: body.includes(task) ? 'wraps-the-task' : 'wrong-encoding',
    }
  }
  if (!persistent) {
    return {
      seen: `The task was published with deliveryMode ${message.properties.deliveryMode ?? 'unset'}: it is not persistent.`,
      show: [frame],
      looksLike: 'not-persistent',
      wrong: { event: frame, instead: 'persistent: deliveryMode 2' },
    }
  }
  return undefined
}

function sentElsewhere({ exchange, routingKey, frame }: Published): Shortfall {
  return {
    seen: `The task was published to the exchange '${exchange}' with the routing key '${routingKey}'.`,
    looksLike: 'other-exchange',
    show: [frame],
    wrong: { event: frame, instead: `the exchange '' and the routing key '${QUEUE}'` },
  }
}

/** The task never came to the broker. */
function notPublished(recording: Recording, task: string): Shortfall | undefined {
  const call = calls(recording).find((each) => each.task === task)
  const crash = findings(recording)[0]
  if (crash) return { seen: crash.sentence, show: [crash] }
  const opened = settled(recording, 'open')
  if (opened?.ok === false) {
    return { seen: `createPublisher() failed: ${opened.error?.message}`, show: [opened.event] }
  }
  if (!call || published(recording).some(({ body }) => body === task)) return undefined
  const error = call.ok === false ? ` publish() rejected: ${call.error}` : ''
  return {
    seen: `publish('${QUEUE}', '${task}') was called, but the broker got no such task.${error}`,
    show: [call.asked, call.settled],
  }
}

/** What became of the many calls, when the lab asked last. */
function lastFates(recording: Recording): { fates: Fates; event: ToldEvent } | undefined {
  const event = tells(recording, 'fates').at(-1)
  return event && { fates: event.data as Fates, event }
}

function notAllSettled(recording: Recording, mark: string, what: string): Shortfall | undefined {
  const crash = findings(recording)[0]
  if (crash) return { seen: `${what}, and the process ended. ${crash.sentence}`, show: [crash] }
  const end = lastFates(recording)
  if (!end || end.fates.pending === 0 || !marked(recording, mark)) return undefined
  const { pending, resolved, rejected } = end.fates
  return {
    seen: `${what}. ${times(resolved, 'call')} resolved, ${rejected} rejected, and ${pending} stayed pending, without an end.`,
    show: [asked(recording, 'publishMany'), end.event],
  }
}

/** What has got no answer, and will get none, has to reject when the channel goes. */
function notRejected(
  recording: Recording,
  { what, loss, looksLike }: { what: string; loss: RecordedEvent | undefined; looksLike: string },
): Shortfall | undefined {
  if (!marked(recording, 'waiting')) return reached(recording, 'waiting')
  const crash = findings(recording)[0]
  if (crash) return { seen: `${what}, and the process ended. ${crash.sentence}`, show: [crash] }
  const unfinished = notAllSettled(recording, 'after the loss', `${what} while the link was stalled`)
  if (unfinished) {
    const shown = [fault(recording, 'stall'), loss, ...(unfinished.show ?? [])]
    return { ...unfinished, looksLike, show: inOrder(recording, shown) }
  }
  const end = lastFates(recording)
  if (end && end.fates.resolved > 0) {
    return {
      seen: `${what} while the link was stalled: no task had reached the broker. ${times(end.fates.resolved, 'call')} resolved.`,
      looksLike: 'swallows-loss',
      show: [fault(recording, 'stall'), loss, end.event],
    }
  }
  return reached(recording, 'after the loss')
}

function allSent(recording: Recording, calls: number): boolean {
  return published(recording).length >= calls
}

function tooFew(recording: Recording, wanted: number): Shortfall | undefined {
  const held = recording.events.findLast((event) => event.kind === 'broker' && event.what === 'queue')
  if (held?.kind !== 'broker') return reached(recording, 'looked into the queue')
  const count = Number(held.data.messages)
  if (count >= wanted) return undefined
  return {
    seen: `${times(wanted, 'call')} resolved, but there were only ${times(count, 'task')} in the queue.`,
    looksLike: 'does-not-wait',
    show: [lastFates(recording)?.event, held],
  }
}

/** How much the process had grown by in the end, and how many tasks it had given to amqplib then. */
function memory(recording: Recording) {
  const measured = tells(recording, 'memory')
  const [before, last] = [measured[0], measured.at(-1)]
  const { bytes = 0, handedOver = 0 } = (last?.data ?? {}) as Partial<Memory>
  return { bytes: bytes - ((before?.data as Memory | undefined)?.bytes ?? 0), handedOver, before, last }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}

function sent(recording: Recording, { queue, task }: Call): Published | undefined {
  return published(recording).find(({ routingKey, body }) => routingKey === queue && body === task)
}

function frameOf(recording: Recording, call: Call): FrameEvent | undefined {
  return sent(recording, call)?.frame
}

/** The task came back. */
function returnOf(recording: Recording, { queue, task }: Call): FrameEvent | undefined {
  const returned = messages(recording, 'broker', ['basic.return'])
  return returned.find(({ frame, body }) => frame.fields.routingKey === queue && body === task)?.frame
}

/** The ack of this message, as it reached the student's service: its tag is the message's number on the channel. */
function ackOf(recording: Recording, { frame, connection, channel }: Published): FrameEvent | undefined {
  const isHere = (at: { connection: number; channel: number }) => at.connection === connection && at.channel === channel
  const here = published(recording).filter(isHere)
  const tag = 1 + here.findIndex((each) => each.frame === frame)
  return recording.events.find(
    (event): event is FrameEvent =>
      isFrame(event, 'basic.ack', 'broker') && !event.held && isHere(event) && covers(event, tag),
  )
}

function covers({ fields: { deliveryTag, multiple } }: FrameEvent, tag: number): boolean {
  return deliveryTag === tag || (multiple === true && Number(deliveryTag) > tag)
}

function isFrame(event: RecordedEvent, method: string, from?: FrameEvent['from']): event is FrameEvent {
  return event.kind === 'frame' && event.method === method && (from === undefined || event.from === from)
}

function frame({ events }: Recording, method: string, from?: FrameEvent['from']): FrameEvent | undefined {
  return events.find((event): event is FrameEvent => isFrame(event, method, from))
}

/** An answer of the broker that has reached the student's service. */
function answer({ events }: Recording, method: string): FrameEvent | undefined {
  return events.find((event): event is FrameEvent => isFrame(event, method, 'broker') && !event.held)
}

/** The lab let go what it had kept back. */
function released({ events }: Recording): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'fault' && event.name === 'hold' && !event.on)
}

/** A queue that the student's service has declared, and not just asked for. */
function declaration({ events }: Recording, queue?: string): FrameEvent | undefined {
  return events.find(
    (event): event is FrameEvent =>
      isFrame(event, 'queue.declare', 'student') &&
      event.fields.passive !== true &&
      (queue === undefined || event.fields.queue === queue),
  )
}

/** The lab broke the connection off. */
function lossOf({ events }: Recording): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'tcp' && event.what === 'reset')
}

function fault({ events }: Recording, name: string): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'fault' && event.name === name)
}

function asked({ events }: Recording, name: string): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'asked' && event.name === name)
}

function inOrder({ events }: Recording, shown: (RecordedEvent | undefined)[]): RecordedEvent[] {
  const there = shown.filter((event) => event !== undefined)
  return there.toSorted((a, b) => events.indexOf(a) - events.indexOf(b))
}

export default check('06-confirmed-publisher', [
  step(
    'A task is published when the broker says so',
    expectation("resolves when the broker's ack is there, not before", confirms, (recording) => {
      const [task = ''] = TASKS
      const call = calls(recording).find((each) => each.task === task)
      const at = recording.events.findIndex((event) => event.kind === 'mark' && event.name === 'the ack was kept back')
      const frames = [frame(recording, 'basic.publish', 'student'), frame(recording, 'basic.ack', 'broker')]
      if (call?.settled && recording.events.indexOf(call.settled) < at) {
        if (!call.ok) {
          return {
            seen: `The lab kept the broker's ack back, and publish() rejected: ${call.error}`,
            show: [...frames, call.settled],
          }
        }
        return {
          seen: "The lab kept the broker's ack back, and publish() resolved all the same.",
          looksLike: 'does-not-wait',
          show: inOrder(recording, [call.asked, ...frames, call.settled]),
          wrong: { event: call.settled, instead: 'pending: nobody has said yet that the broker has the task' },
        }
      }
      if (call && !call.settled && marked(recording, 'the ack was kept back')) {
        return {
          seen: `The broker's ack was there, and ${MOMENTS_MS / 1000} s later publish() was still pending.`,
          looksLike: frames[1] && 'never-settles',
          show: [...frames, released(recording), waited(recording)],
        }
      }
      const elsewhere = published(recording).find(({ exchange, routingKey }) => exchange !== '' || routingKey !== QUEUE)
      if (call?.ok !== true && elsewhere) return sentElsewhere(elsewhere)
      if (call?.ok === false && frames[1]) {
        return {
          seen: `The broker sent an ack, and publish() rejected: ${call.error}`,
          show: [...frames, call.settled],
        }
      }
      if (call?.ok) return reached(recording, 'the ack was kept back')
      return notPublished(recording, task) ?? reached(recording, 'published')
    }),

    expectation('publishes each task persistent, as UTF-8, to the queue of that name', confirms, (recording) => {
      const all = published(recording)
      for (const [index, task] of TASKS.entries()) {
        const message = all.find(({ body }) => body === task) ?? (all.length === TASKS.length ? all[index] : undefined)
        const wrong = message && wronglyPublished(message, task)
        if (wrong) return wrong
      }
      const missing = TASKS.find((task) => !all.some(({ body }) => body === task))
      return missing === undefined ? undefined : (notPublished(recording, missing) ?? reached(recording, 'published'))
    }),
  ),
  step(
    'A task that nobody takes is an error',
    expectation('rejects when the broker refuses the task', fates, (recording) => {
      return refused(recording, FULL, (call) => {
        const nack = answer(recording, 'basic.nack')
        return {
          seen: `The queue '${FULL}' is full, so the broker refused '${call.task}' with a nack. ${whatItDid(call)}`,
          looksLike: nack === undefined ? undefined : call.settled ? 'ignores-nacks' : 'never-settles',
          show: inOrder(recording, [frameOf(recording, call), nack, call.settled ?? waited(recording)]),
          wrong: { event: call.settled, instead: 'a rejection: the broker has not taken the task' },
        }
      })
    }),

    expectation('rejects when no queue takes the task', fates, (recording) => {
      return refused(recording, MISSING, (call) => {
        const publish = sent(recording, call)
        const returned = returnOf(recording, call)
        const declare = declaration(recording, MISSING)
        const ack = publish && ackOf(recording, publish)
        const common = {
          seen: `There was no queue called '${MISSING}' for '${call.task}'. ${whatItDid(call)}`,
          show: inOrder(recording, [declare, publish?.frame, returned, ack, call.settled ?? waited(recording)]),
        }
        if (declare) {
          return {
            ...common,
            looksLike: 'declares-the-queue',
            wrong: { event: declare, instead: 'nothing of that kind: a publisher does not make up queues' },
          }
        }
        if (publish && !publish.mandatory) {
          return {
            ...common,
            looksLike: 'not-mandatory',
            wrong: { event: publish.frame, instead: 'mandatory: the broker then sends back what no queue takes' },
          }
        }
        // The return was heard, and failed another call: whose answer it is, is the next step's business.
        const another = calls(recording).some(({ queue, ok }) => queue === QUEUE && ok === false)
        if (call.settled && returned && another) return undefined
        return {
          ...common,
          looksLike: call.settled ? returned && 'ignores-returns' : 'never-settles',
          wrong: { event: call.settled, instead: 'a rejection: the broker has sent the task back' },
        }
      })
    }),
  ),
  step(
    'Each call has its own fate',
    expectation('fails the call whose task was not taken, and no other', fates, (recording) => {
      const crash = findings(recording)[0]
      if (crash) return { seen: crash.sentence, show: [crash] }
      const declared = declaration(recording)
      const close = frame(recording, 'channel.close') ?? frame(recording, 'connection.close')
      if (close) {
        return {
          seen: `${close.from === 'broker' ? 'The broker' : 'Your service'} closed the channel: ${close.fields.replyText}`,
          looksLike: declared ? 'declares-the-queue' : close.from === 'student' ? 'closes-channel' : undefined,
          show: inOrder(recording, [declared, answer(recording, 'basic.nack'), close]),
          wrong: { event: declared ?? close, instead: 'nothing of that kind: the other calls need the channel' },
        }
      }
      const good = calls(recording).filter(({ queue }) => queue === QUEUE)
      const failed = good.find(({ ok }) => ok === false)
      const bad = calls(recording).filter(({ queue }) => queue !== QUEUE)
      if (failed) {
        const one = bad.find(({ ok, task }) => ok && task === failed.task) ?? bad.find(({ ok }) => ok)
        const answers = one
          ? [frameOf(recording, one), returnOf(recording, one), one.settled]
          : [answer(recording, 'basic.return'), answer(recording, 'basic.nack')]
        return {
          seen: `'${failed.task}' for '${QUEUE}' was taken, but its call rejected: ${failed.error}${one ? ` The call of '${one.task}' for '${one.queue}' resolved instead, and nobody took that one.` : ''}`,
          looksLike: one ? 'mixes-up-answers' : 'fails-neighbours',
          show: inOrder(recording, [frameOf(recording, failed), ...answers, failed.settled]),
          wrong: { event: failed.settled, instead: 'success: the broker has taken this task' },
        }
      }
      const pending = good.find(({ settled }) => settled === undefined)
      if (pending && marked(recording, 'answered')) {
        return {
          seen: `'${pending.task}' for '${QUEUE}' was taken, but ${MOMENTS_MS / 1000} s later its call was still pending.`,
          looksLike: 'never-settles',
          show: [frameOf(recording, pending), waited(recording)],
        }
      }
      const held = inQueue(recording)
      const gone = good.find(({ task, ok }) => ok && held && !held.includes(task))
      if (gone) {
        return {
          seen: `The call of '${gone.task}' for '${QUEUE}' resolved, but the task was not in the queue.`,
          show: [frameOf(recording, gone), gone.settled, look(recording)],
        }
      }
      const through = bad.find(({ ok }) => ok)
      if (through) {
        return {
          seen: `'${through.task}' was not taken by '${through.queue}', and its call resolved.`,
          show: [frameOf(recording, through), through.settled],
        }
      }
      return good.length === 0 || !held ? reached(recording, 'looked into the queue') : undefined
    }),
  ),
  step(
    'The channel may be lost first',
    expectation('rejects what is pending when the connection is lost, and what comes after', lost, (recording) => {
      const crash = findings(recording)[0]
      if (crash && marked(recording, 'waiting for the ack')) {
        return { seen: `The connection was lost, and the process ended. ${crash.sentence}`, show: [crash] }
      }
      if (!marked(recording, 'waiting for the ack')) return reached(recording, 'waiting for the ack')
      const loss = lossOf(recording)
      for (const call of calls(recording)) {
        if (call.ok === false) continue
        const late = call.task === LATE
        if (!call.settled && !marked(recording, late ? 'a late call' : 'after the loss')) continue
        const when = late
          ? 'publish() was called after the connection was lost'
          : 'The connection was lost before the ack'
        const early = call.settled && loss && recording.events.indexOf(call.settled) < recording.events.indexOf(loss)
        return {
          seen: early
            ? "The lab kept the broker's ack back, and publish() resolved all the same. Then the connection was lost."
            : `${when}. ${whatItDid(call)}`,
          looksLike: early ? 'does-not-wait' : call.settled ? 'swallows-loss' : 'loss-not-heard',
          show: inOrder(recording, [frameOf(recording, call), loss, call.settled ?? waited(recording)]),
          wrong: { event: call.settled, instead: 'a rejection: nobody knows whether the broker has the task' },
        }
      }
      return reached(recording, 'a late call')
    }),
  ),
  step(
    'Many tasks, and a slow link',
    expectation('settles 5,000 calls made at once, each as it deserves', many, (recording) => {
      const end = lastFates(recording)
      const unfinished = notAllSettled(recording, 'looked into the queue', '5,000 calls were made at once')
      if (unfinished)
        return { ...unfinished, looksLike: allSent(recording, MANY.calls) ? 'never-settles' : 'stays-stuck' }
      if (!end) return reached(recording, 'looked into the queue')
      if (end.fates.wrong > 0) {
        const { resolved, rejected, error } = end.fates
        return {
          seen: `Of ${MANY.calls} calls at once, ${MANY.missing} were for a queue that does not exist. ${times(resolved, 'call')} resolved, ${rejected} rejected${error ? `, the first with: ${error}` : ''}.`,
          looksLike: rejected > MANY.missing ? 'fails-neighbours' : undefined,
          show: [frame(recording, 'basic.return', 'broker'), end.event],
        }
      }
      return tooFew(recording, end.fates.resolved)
    }),

    expectation('buffers little while the link is stalled, and goes on when it is not', stalled, (recording) => {
      if (!marked(recording, 'measured')) return reached(recording, 'measured')
      const used = memory(recording)
      if (used.bytes >= ALLOWED_BYTES) {
        return {
          seen: `The link was stalled. ${BIG.calls} calls of publish(), with one and the same task of ${BIG.kb} kB, added ${megabytes(used.bytes)} to the memory of your process.`,
          looksLike: used.handedOver * BIG.kb * 1000 < ALLOWED_BYTES ? 'encodes-too-early' : 'no-back-pressure',
          show: [used.before, fault(recording, 'stall'), asked(recording, 'publishMany'), used.last],
          wrong: { event: used.last, instead: `less than ${megabytes(ALLOWED_BYTES)}: what has no room waits unsent` },
        }
      }
      const end = lastFates(recording)
      const unfinished = notAllSettled(recording, 'looked into the queue', 'The link was stalled, and then it was free')
      if (unfinished) {
        return { ...unfinished, looksLike: allSent(recording, BIG.calls) ? 'never-settles' : 'stays-stuck' }
      }
      if (!end) return reached(recording, 'looked into the queue')
      if (end.fates.wrong > 0) {
        return {
          seen: `The link was stalled, and then it was free. ${times(end.fates.rejected, 'call')} rejected, the first with: ${end.fates.error}`,
          show: [end.event],
        }
      }
      return tooFew(recording, BIG.calls + 1)
    }),

    expectation(
      'rejects also what still waits for room when the channel is lost',
      [closedWhileStalled, resetWhileStalled],
      (closed, reset) => {
        const close = { what: 'The channel was closed', loss: frame(closed, 'channel.close', 'broker') }
        const loss = { what: 'The connection was lost', loss: lossOf(reset) }
        return (
          notRejected(closed, { ...close, looksLike: 'waits-on-a-dead-channel' }) ??
          // It has heard of the channel's end where that came with an 'error'.
          notRejected(reset, { ...loss, looksLike: 'hears-errors-only' })
        )
      },
    ),
  ),
])

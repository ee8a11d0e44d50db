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
import { inTurns } from '../../lab/check/turns.ts'
import { deliveries } from '../../lab/recording/deliveries.ts'
import { outstanding } from '../../lab/recording/outstanding.ts'
import { Patience } from '../../lab/recording/patience.ts'
import { type Published, published } from '../../lab/recording/published.ts'
import { NeverCame } from '../../lab/recording/recorder.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import { type Settlement, settlements } from '../../lab/recording/settlements.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import { closing, deliveryOf, frame, isTold } from '../shared/tasks.ts'
import { goOn } from '../shared/work.ts'
import { type Deed, FAILURE, type Plan, type Policy } from './driver.ts'

/** Its first attempt rejects, its second throws, and so on. */
const FAILS = 'Größe ändern 🖼'
const LAST = 'resize the only photo'
const ONCE = 'resize a photo whose server is slow'
const GOOD = 'resize a good photo'
const AFTER = 'resize one more good photo'
const TWIN = 'resize the same photo'

const QUEUE = 'tasks'
const TWINS = 'twins'
const SINGLE = 'photos'
const dead = (queue: string) => `${queue}.dead`

const POLICY: Policy = { maxAttempts: 3, retryDelayMs: 300 }
const TWINS_POLICY: Policy = { maxAttempts: 2, retryDelayMs: 300 }
/** So long that nothing but the lab's own patience would see its end. */
const LONG: Policy = { maxAttempts: 3, retryDelayMs: 60_000 }
const SINGLE_POLICY: Policy = { maxAttempts: 1, retryDelayMs: 300 }

/** How far the handlers go on failing, so that one attempt too many looks different from no end. */
const BEYOND = 3
/** One answer of the event loop, or of the broker. */
const MOMENTS_MS = 4000
/** Attempts that grow further apart are right too. */
const ATTEMPTS_MS = 15_000
/** A worker that looks at the task every now and then pauses for longer than this between two looks. */
const HOT_MS = 40
/** So many looks, one right after the other, are no accident. */
const HOT_LOOKS = 12

const again = scenario('tasks fail, one for ever and others once', async (stage) => {
  const service = await stage.student()
  await declare(stage, service, QUEUE, POLICY)
  await declare(stage, service, TWINS, TWINS_POLICY)
  await stage.observer.publish(QUEUE, [FAILS, ONCE, GOOD])
  await stage.observer.publish(TWINS, [TWIN, TWIN])
  consume(service, QUEUE, POLICY, {
    [FAILS]: failures(POLICY.maxAttempts + BEYOND),
    [ONCE]: ['reject', ...successes(3)],
    [GOOD]: successes(4),
  })
  consume(service, TWINS, TWINS_POLICY, { [TWIN]: ['reject', 'reject', ...successes(4)] })
  try {
    await untilSetAside(stage, service, QUEUE, POLICY)
    await inTurnsTo(stage, service, `'${ONCE}' to be done`, () => isDone(stage.recorder, ONCE))
    await inTurnsTo(
      stage,
      service,
      `the two tasks '${TWIN}' to be done`,
      () => successesOf(stage.recorder, TWIN).length >= 2,
    )
    // An ack may come after the confirm of a copy.
    await inTurns(service, 100, () => (outstanding(stage.recorder).steps.at(-1)?.count ?? 0) === 0)
    await roundTrip(service, QUEUE, TWINS)
    if (!closing(stage.recorder)) stage.mark('all settled')
  } finally {
    await killAndLook(stage, service, [QUEUE, TWINS])
  }
})

const waits = scenario(
  'a task waits for its next attempt, and the broker restarts',
  async (stage) => {
    const service = await stage.student()
    await declare(stage, service, QUEUE, LONG)
    await declare(stage, service, SINGLE, SINGLE_POLICY)
    await stage.observer.publish(QUEUE, [FAILS])
    await stage.observer.publish(SINGLE, [LAST])
    consume(service, QUEUE, LONG, { [FAILS]: failures(LONG.maxAttempts + BEYOND), [AFTER]: successes(4) })
    consume(service, SINGLE, SINGLE_POLICY, { [LAST]: failures(1 + BEYOND) })
    try {
      await beginning(stage, FAILS)
      await untilSetAside(stage, service, SINGLE, SINGLE_POLICY, LAST).catch(goOn)
      await roundTrip(service, QUEUE, SINGLE)
      stage.mark('waits')
      await stage.observer.publish(QUEUE, [AFTER])
      await beginning(stage, AFTER).catch(goOn)
      await inTurns(service, 100, () => acks(stage.recorder, AFTER).length > 0)
      await roundTrip(service, QUEUE, SINGLE)
      stage.mark('others had their chance')
      await inTurns(service, 100, () => !mayBecomeALoop(stage.recorder))
    } finally {
      await service.kill()
    }
    await untilLeft(stage, [QUEUE, SINGLE])
    for (const queue of declaredQueues(stage.recorder)) await stage.observer.queue(queue)
    await stage.restartBroker()
    await drainAll(stage)
    stage.mark('looked after the restart')
  },
  { restarts: true },
)

const killed = scenario(
  'the worker is killed between two attempts',
  async (stage) => {
    const service = await stage.student()
    await declare(stage, service, QUEUE, POLICY)
    await stage.observer.publish(QUEUE, [FAILS])
    consume(service, QUEUE, POLICY, { [FAILS]: ['reject'] })
    await beginning(stage, FAILS)
    await lives(service)
    await roundTrip(service, QUEUE)
    await service.kill()
    stage.mark('killed')
    await untilLeft(stage, [QUEUE])
    const another = await stage.student()
    await declare(stage, another, QUEUE, POLICY)
    consume(another, QUEUE, POLICY, { [FAILS]: successes(4) })
    await untilBegunAgain(stage, another)
    stage.mark('came to another worker')
  },
  { students: 2 },
)

const PUT_FIRST = 'first the copy, then the ack: on one channel the broker keeps the order'

// ---- What the scenarios do

/** Has the exercise declare its queues. @throws StudentGone when it rejects */
async function declare(stage: Stage, service: Student, queue: string, policy: Policy): Promise<void> {
  const { ok } = await service.ask('declare', { url: stage.url, queue, policy }, { limitMs: MOMENTS_MS })
  if (!ok) throw new StudentGone('declareWorkQueues() rejected')
  const { exists } = await stage.observer.queue(queue)
  if (!exists) throw new StudentGone('the queue was not declared')
}

function consume(service: Student, queue: string, policy: Policy, plan: Plan): void {
  service.call('consume', { queue, policy, plan })
}

function failures(count: number): Deed[] {
  return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 'reject' : 'throw'))
}

function successes(count: number): Deed[] {
  return Array.from({ length: count }, () => 'resolve')
}

/** Waits until a handler has begun with this task. @throws NeverCame, StudentGone */
async function beginning(stage: Stage, task: string): Promise<void> {
  await arrival(stage, `the handler to be called with '${task}'`, () => begun(stage.recorder, task).length > 0)
}

/** Waits for what only a living process with an open channel can bring. @throws NeverCame, StudentGone */
async function arrival(stage: Stage, what: string, isThere: () => boolean, limitMs = MOMENTS_MS): Promise<void> {
  await stage.recorder.waitFor(what, (event) => (isTold(event, 'began') && isThere()) || isEnd(event), { limitMs })
  if (!isThere()) throw new StudentGone(`the process or its channel ended before ${what}`)
}

/** The process or its channel has ended, or a call rejected: nothing more will come. */
function isEnd(event: RecordedEvent): boolean {
  if (event.kind === 'process') return event.what === 'exited'
  if (event.kind !== 'told') return false
  return event.name === 'channel-closed' || (event.name === 'settled' && (event.data as { ok?: boolean }).ok === false)
}

/** Waits until the broker has something in the dead queue, or the handler was called far too often. */
async function untilSetAside(stage: Stage, service: Student, queue: string, { maxAttempts }: Policy, task = FAILS) {
  const { recorder, observer } = stage
  const from = recorder.now()
  const patience = new Patience(ATTEMPTS_MS)
  while ((await observer.queue(dead(queue))).messages === 0) {
    if (recorder.events.some(isEnd) || service.exited) throw new StudentGone('the process or its channel ended')
    if (begun(recorder, task).length >= maxAttempts + BEYOND) return
    if (patience.passedMs > limitOf(stage, task)) {
      const limitMs = Math.round(recorder.now() - from)
      const what = `'${task}' to be tried again or to be in '${dead(queue)}'`
      recorder.note({ kind: 'awaited', what, limitMs, instead: [] })
      throw new NeverCame(what, limitMs)
    }
    await sleep(25)
  }
  // Set aside before its time: is it tried again all the same?
  await inTurns(service, POLICY.retryDelayMs / 5, () => begun(recorder, task).length >= maxAttempts)
}

/** A worker that lets go of the task and tries nothing again is found out sooner than one whose waits may grow. */
function limitOf({ recorder }: Stage, task: string): number {
  // Nothing brings it back by itself; a consumer that fetches it would have done so by then.
  if (goesRound(recorder, task)) return MOMENTS_MS / 4 + POLICY.retryDelayMs
  return begun(recorder, task).length > 1 ? ATTEMPTS_MS : MOMENTS_MS + POLICY.retryDelayMs
}

/** Waits a number of turns of the student's process. @throws NeverCame, StudentGone */
async function inTurnsTo(stage: Stage, service: Student, what: string, isThere: () => boolean): Promise<void> {
  const from = stage.recorder.now()
  if (await inTurns(service, MOMENTS_MS / 10, isThere)) return
  stage.recorder.note({ kind: 'awaited', what, limitMs: Math.round(stage.recorder.now() - from), instead: [] })
}

/** It came again during its wait, and not often enough yet to be called a loop: a slow machine needs longer for that. */
function mayBecomeALoop(recording: Events): boolean {
  const looks = deliveries(recording).filter(({ body }) => body === FAILS).length
  return looks > 1 && looks < 2 * HOT_LOOKS
}

/** Waits until the next worker has the task, or no queue holds anything any more. */
async function untilBegunAgain(stage: Stage, service: Student): Promise<void> {
  const { recorder, observer } = stage
  const from = recorder.now()
  const patience = new Patience(ATTEMPTS_MS)
  for (let empty = 0; !begun(recorder).some(({ event }) => event.student === 2); ) {
    if (service.exited) throw new StudentGone('the process ended')
    let held = 0
    for (const queue of declaredQueues(recorder)) held += (await observer.queue(queue)).messages
    empty = held === 0 ? empty + 1 : 0
    // Between two looks a task may have moved on; it can't do so twenty times.
    if (empty >= 20 || patience.isOver) {
      const limitMs = Math.round(recorder.now() - from)
      recorder.note({ kind: 'awaited', what: 'the task to come to the next worker', limitMs, instead: [] })
      throw new NeverCame('the task to come to the next worker', limitMs)
    }
    await service.ping()
    await sleep(50)
  }
}

/** All that the exercise has sent is at the broker, and seen by the wire. */
async function roundTrip(service: Student, ...queues: string[]): Promise<void> {
  for (const queue of queues) await service.ask('roundTrip', { queue })
}

/** Two answers: what has begun in the process has had its first effects, and it is still there. */
async function lives(service: Student): Promise<void> {
  for (let i = 0; i < 2; i++) if ((await service.ping()) === undefined) throw new StudentGone('the process ended')
}

/** Ends the process as `kill -9` does, and notes what is in all the queues that it declared. */
async function killAndLook(stage: Stage, service: Student, queues: string[]): Promise<void> {
  await service.kill()
  await untilLeft(stage, queues)
  await drainAll(stage)
  stage.mark('looked into the queues')
}

/** The broker forgets a killed worker's consumers and takes its tasks back in one go. */
async function untilLeft(stage: Stage, queues: string[]): Promise<void> {
  const patience = new Patience(MOMENTS_MS)
  for (const queue of queues) {
    while ((await stage.observer.queue(queue)).consumers > 0 && !patience.isOver) await sleep(10)
  }
}

/** Takes everything out of every queue: first where tasks wait, then where they are worked on, then where they end. */
async function drainAll(stage: Stage): Promise<void> {
  for (const queue of declaredQueues(stage.recorder)) {
    const { exists } = await stage.observer.queue(queue)
    if (exists) await stage.observer.drain(queue)
  }
}

// ---- What the recordings tell

/** As the lab's own, but what a call rejected with, or a crash, says more than what was then awaited. */
function reached(recording: Recording, mark: string): Shortfall | undefined {
  const short = cameTo(recording, mark)
  if (!short) return undefined
  for (const [name, what] of [
    ['declare', 'declareWorkQueues()'],
    ['consume', 'consumeOrSetAside()'],
  ] as const) {
    const answer = settled(recording, name)
    if (answer?.ok === false) return { seen: `${what} rejected: ${said(answer)}`, show: [answer.event] }
  }
  return ended(recording) ?? short
}

/** The process or its channel ended although nobody wanted that. */
function ended(recording: Recording): Shortfall | undefined {
  const [crash] = findings(recording)
  const failed = begun(recording).findLast(({ deed }) => deed === 'reject' || deed === 'throw')
  if (crash && failed) {
    const own = `${crash.sentence} ${crash.detail ?? ''}`.includes(FAILURE)
    return {
      seen: `The handler of '${failed.task}' failed, and the process ended. ${crash.sentence}`,
      looksLike: own ? 'failure-not-caught' : undefined,
      show: [failed.event, crash],
    }
  }
  const close = closing(recording)
  if (!close || !failed) return undefined
  const thrown = close.from === 'student' && close.fields.replyCode === 541
  return {
    seen: `The handler of '${failed.task}' failed. ${close.from === 'broker' ? 'The broker' : 'Your service'} closed the channel: ${close.fields.replyText}`,
    looksLike: thrown ? 'throw-not-caught' : undefined,
    show: [failed.event, close],
  }
}

/** A task that always fails was tried so often, and is then where it belongs. */
function triedAndSetAside(recording: Recording, queue: string, task: string, policy: Policy): Shortfall | undefined {
  const { maxAttempts } = policy
  const calls = begun(recording, task)
  // What the restart has taken was there all the same.
  const aside = heldIn(recording, dead(queue))
  const isAside = aside !== undefined
  const asked = `maxAttempts was ${maxAttempts}`
  if (calls.length > maxAttempts) {
    const turnedBack = settlements(recording).find(
      ({ kind, requeue, tags }) => kind !== 'ack' && !requeue && tags.length,
    )
    const key = turnedBack && deadLettersToItself(recording, queue)
    const between = whatMoved(recording, task, calls[maxAttempts - 1], calls[maxAttempts])
    const deaths = isAside ? undefined : brokersCount(recording, task, maxAttempts)
    return {
      seen: `${asked}, and the handler of '${task}' was called ${calls.length === maxAttempts + 1 ? `a ${nth(calls.length)} time` : `${calls.length} times`}${isAside ? ' before the task was set aside' : ', with no end to be seen'}.${key ? '' : (deaths?.seen ?? '')}`,
      looksLike: key ? 'keeps-its-key' : isAside ? 'counts-wrong' : (deaths?.looksLike ?? 'tries-for-ever'),
      show: key
        ? [key, calls[maxAttempts - 1]?.event, turnedBack.frame, calls[maxAttempts]?.event]
        : [calls[maxAttempts - 1]?.event, ...between, calls[maxAttempts]?.event, aside?.event],
      wrong: key
        ? { event: key, instead: `a deadLetterRoutingKey: '${dead(queue)}'` }
        : {
            event: between.find(({ from }) => from === 'student') ?? calls[maxAttempts]?.event,
            instead: `no other attempt: the task belongs in '${dead(queue)}' now`,
          },
    }
  }
  if (isAside && calls.length > 0 && calls.length < maxAttempts) {
    const second = deliveries(recording).filter(({ body }) => body === task)[1]
    return {
      seen: `${asked}, but '${task}' was set aside after ${times(calls.length, 'attempt')}.`,
      looksLike: second?.redelivered ? 'counts-redelivered' : 'counts-wrong',
      show: [...calls.map(({ event }) => event), copyTo(recording, dead(queue))?.frame, aside.event],
      wrong: { event: copyTo(recording, dead(queue))?.frame, instead: `attempt ${calls.length + 1}` },
    }
  }
  if (isAside && calls.length === maxAttempts) return undefined
  const refused = calls.length === 0 && reached(recording, 'waits')
  return (refused || ended(recording)) ?? notAside(recording, queue, task)
}

/** What the broker's x-death said while a task was tried for ever, where the task carried no other count. */
function brokersCount(recording: Recording, task: string, maxAttempts: number) {
  const copies = published(recording).filter(({ body }) => body === task)
  const counts = deliveries(recording)
    .filter(({ body }) => body === task)
    .map((delivery) => deathsOf(delivery))
    .filter((deaths) => deaths.length > 0)
    .map((deaths) => Math.max(...deaths.map(({ count }) => Number(count))))
  const latest = counts.at(-1)
  if (latest === undefined) return undefined
  if (copies.some((copy) => deathsOf(copy).length > 0 && hasNoHeaderOfItsOwn(copy)) && latest < maxAttempts) {
    return {
      looksLike: 'x-death-begins-anew',
      seen: ` Its copies had x-death among their headers, and no header of your own. The highest \`count\` in x-death, each time when it came back: ${counts.join(', ')}.`,
    }
  }
  if (copies.length === 0 && latest >= maxAttempts) {
    return {
      looksLike: 'x-death-not-read',
      seen: ` No copy was published: the broker moved the task. The highest \`count\` in x-death, each time when it came back: ${counts.join(', ')}.`,
    }
  }
  return undefined
}

function deathsOf({ properties }: Pick<Published, 'properties'>): { count?: unknown }[] {
  const deaths: unknown = Object(properties.headers)['x-death']
  return Array.isArray(deaths) ? deaths : []
}

/** Nothing but what the broker has put there. */
function hasNoHeaderOfItsOwn({ properties }: Published): boolean {
  return Object.keys(Object(properties.headers)).every((name) => /^x-(first-|last-)?death/.test(name))
}

/** The frames that moved a task between two attempts. */
function whatMoved(recording: Recording, task: string, from: Begun | undefined, to: Begun | undefined): FrameEvent[] {
  const { events } = recording
  const [began = -1, end] = [from, to].map((each) => (each ? events.indexOf(each.event) : -1))
  const all = deliveries(recording)
  // What the process tells may come behind the frames that it sent later: an attempt begins with its delivery.
  const attempt = begun(recording, task).findIndex(({ event }) => event === from?.event)
  const delivery = all.filter(({ body }) => body === task)[attempt]
  const start = delivery ? Math.min(began, events.indexOf(delivery.frame)) : began
  const mine = new Set([
    ...all.filter(({ body }) => body === task).map(({ frame }) => frame),
    ...published(recording)
      .filter(({ body }) => body === task)
      .map(({ frame }) => frame),
    ...settlements(recording)
      .filter(({ tags, channel, connection }) =>
        all.some(
          (each) =>
            each.body === task &&
            tags.includes(each.deliveryTag) &&
            each.channel === channel &&
            each.connection === connection,
        ),
      )
      .map(({ frame }) => frame),
  ])
  return events.slice(start + 1, end).filter((event): event is FrameEvent => event.kind === 'frame' && mine.has(event))
}

/** It was tried, but neither tried again nor set aside. */
function notAside(recording: Recording, queue: string, task: string): Shortfall | undefined {
  const calls = begun(recording, task)
  if (calls.length === 0) return reached(recording, 'all settled') ?? reached(recording, 'waits')
  const mine = declares(recording).filter(({ fields }) => fields.queue !== queue)
  const elsewhere = drained(recording).find((look) => look.queue !== queue && look.tasks.includes(task))
  const dropped = settlements(recording).find(
    ({ kind, requeue, tags }) => kind !== 'ack' && !requeue && tags.length > 0,
  )
  const isMissing = !declares(recording).some(({ fields }) => fields.queue === dead(queue))
  const held = outstanding(recording).left.find(({ body }) => body === task)
  const round = goesRound(recording, task)
  if (round) {
    return {
      seen: `The handler of '${task}' was called ${times(calls.length, 'time')} and failed. Then the task went into '${round.queue.fields.queue}', which names no deadLetterRoutingKey, and it never came back to '${queue}'.`,
      looksLike: 'keeps-its-key',
      show: [round.queue, calls.at(-1)?.event, round.by, awaitedIn(recording)],
      wrong: { event: round.queue, instead: `a deadLetterRoutingKey: '${queue}'` },
    }
  }
  return {
    seen: `The handler of '${task}' was called ${times(calls.length, 'time')} and failed. After that it was not called again, and the task did not come into '${dead(queue)}'${isMissing ? ': there is no such queue' : ''}.`,
    looksLike:
      isMissing && mine.length > 0
        ? 'other-name'
        : elsewhere
          ? undefined
          : held
            ? 'keeps-failed'
            : dropped && 'drops-failed',
    show: [
      isMissing ? mine.at(-1) : undefined,
      calls.at(-1)?.event,
      held?.frame ?? dropped?.frame,
      elsewhere?.event,
      awaitedIn(recording),
    ],
    wrong:
      dropped && !held ? { event: dropped.frame, instead: `a copy in '${dead(queue)}', and then an ack` } : undefined,
  }
}

/** Nothing was set aside, so nobody knows how that would be done. */
function neverAside(recording: Recording): Shortfall | undefined {
  if (begun(recording, FAILS).length === 0) return reached(recording, 'all settled')
  if (!marked(recording, 'looked into the queues')) return reached(recording, 'looked into the queues')
  // Where no task is tried again, or not later, two others say so.
  if (!isDone(recording, ONCE) || waited(recording, POLICY)) return undefined
  return {
    seen: `'${FAILS}' was never set aside: nothing came into '${dead(QUEUE)}'.`,
    show: [begun(recording, FAILS).at(-1)?.event, contents(recording, dead(QUEUE))?.event],
  }
}

/** It failed once, and no handler was called with it again. */
function neverAgain(recording: Recording, task: string): Shortfall | undefined {
  const first = begun(recording, task)[0]
  const short = reached(recording, 'all settled')
  if (!first || short?.show) return short
  return {
    seen: `The handler of '${task}' failed once. The task was not done after that.`,
    show: [first.event, awaitedIn(recording)],
  }
}

/** The waits between the attempts, on the clock of the process itself. */
function waited(recording: Recording, { retryDelayMs }: Policy): Shortfall | undefined {
  const calls = begun(recording, FAILS)
  const sent = deliveries(recording).filter(({ body }) => body === FAILS)
  const wait = (event: RecordedEvent | undefined) => ({
    event,
    instead: `nothing yet: retryDelayMs is ${retryDelayMs}`,
  })
  for (const [at, call] of calls.entries()) {
    const before = calls[at - 1]
    const gap = before && call.atMs - before.atMs
    if (gap === undefined || gap >= retryDelayMs * 0.9) continue
    return {
      seen: `retryDelayMs was ${retryDelayMs}, and attempt ${at + 1} came ${gap} ms after attempt ${at}.`,
      looksLike: goesBackAtOnce(recording, call) ? 'no-wait' : 'wait-too-short',
      show: [before?.event, waitingQueue(recording), ...whatMoved(recording, FAILS, before, call), call.event],
      wrong: wait(call.event),
    }
  }
  const seconds = ((sent.at(-1)?.ms ?? 0) - (sent[0]?.ms ?? 0)) / 1000
  // A busy machine stops the loop now and then; most looks come at once all the same.
  const pauses = sent.slice(1).map(({ ms }, i) => ms - (sent[i]?.ms ?? ms))
  const usualMs = pauses.toSorted((one, other) => one - other)[Math.floor(pauses.length / 2)] ?? 0
  if (sent.length < HOT_LOOKS || usualMs > HOT_MS) return undefined
  return {
    seen: `'${FAILS}' was delivered ${sent.length} times in ${seconds.toFixed(1)} s, while it should have waited.`,
    looksLike: 'hot-loop',
    show: [sent[0]?.frame, settlements(recording).find(({ requeue }) => requeue)?.frame, sent[1]?.frame],
    wrong: wait(sent[1]?.frame),
  }
}

/** Between the call before and this one, the task was given back, or its copy went straight to its queue. */
function goesBackAtOnce(recording: Recording, { event }: Begun): boolean {
  const before = recording.events.indexOf(event)
  const copy = published(recording).findLast(
    ({ body, frame }) => body === FAILS && recording.events.indexOf(frame) < before,
  )
  return copy === undefined || copy.routingKey === QUEUE
}

/** Its handler was called. What is missing after that is told where it belongs. */
function triedAtAll(recording: Recording): Shortfall | undefined {
  return begun(recording, FAILS).length > 0
    ? undefined
    : (reached(recording, 'all settled') ?? reached(recording, 'waits'))
}

/** A failed task left its queue, and no copy of it had been published before: nor does the queue hand it on by itself. */
function takenTooSoon(recording: Recording, task: string) {
  // Whether it is the same to the byte is judged elsewhere.
  const copies = published(recording).filter(
    ({ body, routingKey }) => body.includes(task) || routingKey.endsWith('.dead'),
  )
  const handsOn = declares(recording).some(({ fields }) => 'x-dead-letter-exchange' in Object(fields.arguments))
  const all = deliveries(recording)
  let taken = 0
  for (const settlement of settlements(recording)) {
    const { kind, requeue, tags, connection, channel } = settlement
    if (kind !== 'ack' && (requeue || handsOn)) continue
    const delivery = all.findLast(
      (each) =>
        each.connection === connection &&
        each.channel === channel &&
        tags.includes(each.deliveryTag) &&
        each.body === task &&
        each.ms <= settlement.ms,
    )
    if (!delivery || successesOf(recording, task).length > 0) continue
    const at = recording.events.indexOf(settlement.frame)
    if (copies.filter(({ frame }) => recording.events.indexOf(frame) < at).length > taken++) continue
    return { settlement, delivery, copy: copies.find(({ frame }) => recording.events.indexOf(frame) > at) }
  }
  return undefined
}

type Events = Pick<Recording, 'events'>

interface Begun {
  call: number
  queue: string
  task: string
  time: number
  deed: Deed
  type: string
  /** On the clock of the process. */
  atMs: number
  event: RecordedEvent & { kind: 'told' }
}

function begun({ events }: Events, task?: string): Begun[] {
  return events.flatMap((event) => {
    if (event.kind !== 'told' || event.name !== 'began') return []
    const one = { ...(event.data as Omit<Begun, 'event'>), event }
    return task === undefined || one.task === task ? [one] : []
  })
}

function successesOf(recording: Events, task: string): Begun[] {
  return begun(recording, task).filter(({ deed }) => deed === 'resolve')
}

function isDone(recording: Events, task: string): boolean {
  return successesOf(recording, task).length > 0
}

function acks(recording: Events, task: string): Settlement[] {
  const all = deliveries(recording)
  return settlements(recording).filter(({ kind, tags, connection, channel }) =>
    all.some(
      (each) =>
        kind === 'ack' &&
        each.body === task &&
        tags.includes(each.deliveryTag) &&
        each.connection === connection &&
        each.channel === channel,
    ),
  )
}

function copyTo(recording: Recording, queue: string): Published | undefined {
  return published(recording).find(({ routingKey }) => routingKey === queue)
}

/** The service's own declarations. */
function declares({ events }: Events): FrameEvent[] {
  return events.filter(
    (event): event is FrameEvent =>
      event.kind === 'frame' && event.method === 'queue.declare' && event.fields.passive !== true,
  )
}

/** The queues that the broker has declared for the service: first where tasks wait, and last where they end. */
function declaredQueues({ events }: Events): string[] {
  const names = events.flatMap((event) =>
    event.kind === 'frame' && event.method === 'queue.declare-ok' ? [String(event.fields.queue)] : [],
  )
  const order = (name: string) => ([QUEUE, TWINS, SINGLE].includes(name) ? 1 : name.endsWith('.dead') ? 2 : 0)
  return [...new Set(names)].sort((a, b) => order(a) - order(b))
}

/** A queue that was declared with a time to live: where tasks wait. */
function waitingQueue(recording: Recording): FrameEvent | undefined {
  return declares(recording).find(({ fields }) => 'x-message-ttl' in Object(fields.arguments))
}

/** The declaration of a queue whose dead letters go to the default exchange under the key that they have. */
function deadLettersToItself(recording: Events, queue: string): FrameEvent | undefined {
  return declares(recording).find(({ fields }) => {
    const given = Object(fields.arguments)
    return fields.queue === queue && given['x-dead-letter-exchange'] === '' && !('x-dead-letter-routing-key' in given)
  })
}

/**
 * A task went into a queue whose dead letters go back into that queue: the last that was seen of it.
 *
 *   basic.publish to 'tasks.retry', or a nack where dead letters go to 'tasks.retry'
 *   'tasks.retry' ── dead letter, to '' with the key 'tasks.retry' ──▶ 'tasks.retry'
 */
function goesRound(recording: Events, task: string): { queue: FrameEvent; by: FrameEvent } | undefined {
  const sent = deliveries(recording).filter(({ body }) => body === task)
  const copy = published(recording).findLast(({ body, exchange }) => body === task && exchange === '')
  const turnedBack = settlements(recording).findLast(
    ({ kind, requeue, tags, connection, channel }) =>
      kind !== 'ack' &&
      !requeue &&
      sent.some(
        (each) => tags.includes(each.deliveryTag) && each.connection === connection && each.channel === channel,
      ),
  )
  for (const queue of declares(recording)) {
    const { queue: name } = queue.fields
    if ([QUEUE, TWINS, SINGLE].includes(String(name)) || !deadLettersToItself(recording, String(name))) continue
    const isLimited = 'x-message-ttl' in Object(queue.fields.arguments)
    // Without a limit nothing dies there: the task then waits for ever, and is found.
    if (copy && copy.routingKey === name && (isLimited || copy.properties.expiration)) return { queue, by: copy.frame }
    if (isLimited && turnedBack && declares(recording).some(({ fields }) => handsOnTo(fields, String(name)))) {
      return { queue, by: turnedBack.frame }
    }
  }
  return undefined
}

function handsOnTo({ arguments: given }: FrameEvent['fields'], queue: string): boolean {
  return Object(given)['x-dead-letter-exchange'] === '' && Object(given)['x-dead-letter-routing-key'] === queue
}

interface Look {
  queue: string
  tasks: string[]
  count: number
  event: RecordedEvent
}

/** What the lab found in the queues when the worker was gone. */
function drained({ events }: Events): Look[] {
  return events.flatMap((event) => {
    if (event.kind !== 'broker' || event.what !== 'drained') return []
    const { queue, tasks } = event.data as { queue: string; tasks: { task: string }[] }
    return [{ queue, tasks: tasks.map(({ task }) => task), count: tasks.length, event }]
  })
}

function contents(recording: Events, queue: string): Look | undefined {
  return drained(recording).find((look) => look.queue === queue)
}

/** The first time when the broker said that there was something in a queue. */
function heldIn({ events }: Events, queue: string): Look | undefined {
  for (const event of events) {
    if (event.kind !== 'broker' || event.what !== 'queue' || event.data.queue !== queue) continue
    const count = Number(event.data.messages)
    if (count > 0) return { queue, tasks: [], count, event }
  }
  return undefined
}

/** Something was in a queue, or in one that is there for it, between the end of the worker and the restart. */
function wasThere({ events }: Events, queue: string): boolean {
  const killed = events.findIndex((event) => event.kind === 'process' && event.what === 'signalled')
  const restarted = events.findIndex((event) => event.kind === 'broker' && event.what === 'restarted')
  return events
    .slice(killed, restarted)
    .some(
      (event) =>
        event.kind === 'broker' &&
        event.what === 'queue' &&
        Number(event.data.messages) > 0 &&
        (queue === SINGLE) === String(event.data.queue).startsWith(SINGLE),
    )
}

/** The lab's looks at a queue and those beside it: of each the last one. */
function looks({ events }: Events, queue: string) {
  const all = events.flatMap((event) =>
    event.kind === 'broker' && event.what === 'queue' && String(event.data.queue).startsWith(queue) ? [event] : [],
  )
  return [...new Map(all.map((event) => [event.data.queue, event])).values()]
}

/** Another queue than the dead one in which the task was found. */
function whereElse(recording: Events, queue: string, task: string): Look | undefined {
  return drained(recording).find((look) => look.queue !== dead(queue) && look.tasks.includes(task))
}

function awaitedIn({ events }: Events): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'awaited')
}

function nth(count: number): string {
  return count === 2 ? '2nd' : count === 3 ? '3rd' : `${count}th`
}

export default check('08-failed-tasks', [
  step(
    'A bad task is tried a few times, and then set aside',
    expectation(
      'calls a handler that always fails maxAttempts times, and then sets the task aside',
      [again, waits],
      (again, waits) => {
        return triedAndSetAside(again, QUEUE, FAILS, POLICY) ?? triedAndSetAside(waits, SINGLE, LAST, SINGLE_POLICY)
      },
    ),

    expectation('sets the task aside with the same bytes, and takes it out of its queue', again, (recording) => {
      const aside = contents(recording, dead(QUEUE))
      if (!aside) return neverAside(recording)
      const changed = aside.tasks.find((task) => ![FAILS, ONCE, GOOD].includes(task))
      const copy = published(recording).find(({ body }) => body === changed)
      if (changed !== undefined) {
        return {
          seen: `The task was '${FAILS}', but in '${dead(QUEUE)}' there is '${changed}'.`,
          looksLike: 'other-bytes',
          show: [deliveryOf(recording, FAILS)?.frame, copy?.frame, aside.event],
          wrong: { event: copy?.frame, instead: 'message.content, as it came' },
        }
      }
      if (!aside.tasks.includes(FAILS)) return neverAside(recording)
      const left = whereElse(recording, QUEUE, FAILS)
      if (left) {
        return {
          seen: `'${FAILS}' is in '${dead(QUEUE)}', and when the worker was gone it was in '${left.queue}' as well.`,
          looksLike: 'stays-in-its-queue',
          show: [begun(recording, FAILS).at(-1)?.event, published(recording).at(-1)?.frame, left.event, aside.event],
        }
      }
      return undefined
    }),
  ),
  step(
    'The next attempt comes later',
    expectation('waits retryDelayMs or longer before the next attempt', [again, waits], (again, waits) => {
      return waited(again, POLICY) ?? waited(waits, LONG) ?? triedAtAll(again) ?? triedAtAll(waits)
    }),

    expectation('works on other tasks while a failed one waits', waits, (recording) => {
      const done = isDone(recording, AFTER)
      if (done && marked(recording, 'others had their chance')) return undefined
      const failed = begun(recording, FAILS)[0]
      if (marked(recording, 'others had their chance') && !done) {
        const delivery = deliveryOf(recording, AFTER)
        return {
          seen: `'${FAILS}' had failed and was waiting for its next attempt. After that, '${AFTER}' ${delivery ? 'was delivered, but no handler was called with it' : 'was not even delivered'}.`,
          looksLike: closing(recording) ? undefined : 'waits-in-the-way',
          show: [
            frame(recording, 'basic.qos'),
            deliveryOf(recording, FAILS)?.frame,
            failed?.event,
            delivery?.frame,
            awaitedIn(recording),
          ],
          wrong: { event: awaitedIn(recording), instead: `the handler begins with '${AFTER}'` },
        }
      }
      return reached(recording, 'waits') ?? reached(recording, 'others had their chance')
    }),
  ),
  step(
    'Each task has its own attempts',
    expectation('sets nothing aside that was done in the end', again, (recording) => {
      for (const task of [ONCE, GOOD]) {
        const aside = contents(recording, dead(QUEUE))
        if (aside?.tasks.includes(task)) {
          const copy = published(recording).find(({ body, routingKey }) => body === task && routingKey === dead(QUEUE))
          return {
            seen: `The handler of '${task}' failed once and then succeeded. It is in '${dead(QUEUE)}' all the same.`,
            looksLike: 'sets-aside-too-much',
            show: [begun(recording, task)[0]?.event, copy?.frame, begun(recording, task)[1]?.event, aside.event],
            wrong: { event: copy?.frame, instead: `only after attempt ${POLICY.maxAttempts}` },
          }
        }
        const left = whereElse(recording, QUEUE, task)
        if (left && isDone(recording, task)) {
          return {
            seen: `The work on '${task}' was done. When the worker was gone, the task was in '${left.queue}'.`,
            looksLike:
              left.queue === QUEUE && acks(recording, task).length < begun(recording, task).length
                ? 'never-acks'
                : undefined,
            show: [deliveryOf(recording, task)?.frame, begun(recording, task).at(-1)?.event, left.event],
          }
        }
      }
      // A task that goes round in its waiting room is told of before, and where the worker is killed.
      if (goesRound(recording, ONCE)) return reached(recording, 'looked into the queues')
      return isDone(recording, ONCE) ? reached(recording, 'looked into the queues') : neverAgain(recording, ONCE)
    }),

    expectation('counts the attempts of each task by itself', again, (recording) => {
      const aside = contents(recording, dead(TWINS))
      const everyFailure = contents(recording, dead(QUEUE))?.tasks.includes(ONCE)
      if (aside && aside.tasks.length > 0 && !everyFailure) {
        const all = begun(recording, TWIN)
        return {
          seen: `There were two tasks '${TWIN}', and maxAttempts was ${TWINS_POLICY.maxAttempts}. Each of them failed once. Then ${aside.tasks.length === 1 ? 'one was' : 'both were'} set aside.`,
          looksLike: 'counts-by-text',
          show: [...all.slice(0, 2).map(({ event }) => event), copyTo(recording, dead(TWINS))?.frame, aside.event],
          wrong: { event: copyTo(recording, dead(TWINS))?.frame, instead: 'a second attempt for each of them' },
        }
      }
      // Where no task is tried again, others say so.
      if (successesOf(recording, TWIN).length >= 2 || (begun(recording, TWIN).length > 0 && !isDone(recording, ONCE))) {
        return undefined
      }
      return neverAgain(recording, TWIN)
    }),
  ),
  step(
    'The task is somewhere at every moment',
    expectation('puts the task where it goes next before it acknowledges it', [again, waits], (again, waits) => {
      for (const [recording, task] of [
        [again, FAILS],
        [waits, FAILS],
        [waits, LAST],
      ] as const) {
        const bare = takenTooSoon(recording, task)
        if (!bare) continue
        const { settlement, delivery } = bare
        const copy = bare.copy && bare.copy.ms - settlement.ms < POLICY.retryDelayMs / 2 ? bare.copy : undefined
        return {
          seen: copy
            ? `The handler of '${task}' failed. Your service acknowledged the task, and then published its copy: between the two it was nowhere.`
            : `The handler of '${task}' failed. Your service ${settlement.kind === 'ack' ? 'acknowledged' : 'gave up'} the task, and published no copy of it: it was nowhere but in the worker's memory.`,
          looksLike: copy ? 'ack-first' : settlement.kind === 'ack' ? 'only-in-memory' : 'drops-failed',
          show: [delivery?.frame, begun(recording, task)[0]?.event, settlement.frame, copy?.frame],
          wrong: { event: settlement.frame, instead: PUT_FIRST },
        }
      }
      const forgotten = deliveries(again).find(({ noAck }) => noAck)
      if (forgotten) {
        const consume = frame(again, 'basic.consume')
        return {
          seen: 'The broker forgets each task as soon as it has sent it: the consumer asked for that.',
          looksLike: 'no-ack',
          show: [consume, forgotten.frame],
          wrong: { event: consume, instead: 'without noAck' },
        }
      }
      return triedAtAll(again) ?? triedAtAll(waits)
    }),

    expectation('loses no task when the worker is killed between two attempts', killed, (recording) => {
      const came = begun(recording).find(({ event }) => event.student === 2)
      if (came) return undefined
      const failed = begun(recording, FAILS)[0]
      if (!marked(recording, 'killed') || awaitedIn(recording) === undefined)
        return reached(recording, 'came to another worker')
      const bare = takenTooSoon(recording, FAILS)
      const [kill] = recording.events.filter((event) => event.kind === 'process' && event.what === 'signalled')
      const own = declares(recording).find(({ fields }) => fields.exclusive || fields.autoDelete)
      const round = own ? undefined : goesRound(recording, FAILS)
      if (round) {
        return {
          seen: `The handler of '${FAILS}' failed, the task went into '${round.queue.fields.queue}', which names no deadLetterRoutingKey, and the lab killed the worker. The task never came to the next worker.`,
          looksLike: 'keeps-its-key',
          show: [round.queue, failed?.event, round.by, kill, awaitedIn(recording)],
          wrong: { event: round.queue, instead: `a deadLetterRoutingKey: '${QUEUE}'` },
        }
      }
      return {
        seen: `The handler of '${FAILS}' failed, and the lab killed the worker. The task never came to the next worker.`,
        looksLike: own ? 'queue-of-its-own' : bare ? (bare.copy ? 'ack-first' : 'only-in-memory') : undefined,
        show: [
          own,
          deliveryOf(recording, FAILS)?.frame,
          failed?.event,
          bare?.settlement.frame,
          published(recording)[0]?.frame,
          kill,
          awaitedIn(recording),
        ],
        wrong: own
          ? { event: own, instead: 'neither exclusive nor autoDelete: tasks wait in it when nobody is there' }
          : { event: bare?.settlement.frame, instead: PUT_FIRST },
      }
    }),

    expectation('loses no task when the broker restarts between two attempts', waits, (recording) => {
      for (const [queue, task] of [
        [QUEUE, FAILS],
        [SINGLE, LAST],
      ] as const) {
        if (!marked(recording, 'looked after the restart') || begun(recording, task).length === 0) continue
        // What was lost before that is told elsewhere.
        if (!wasThere(recording, queue)) continue
        if (drained(recording).some(({ tasks }) => tasks.some((one) => one.includes(task)))) continue
        const restarted = recording.events.find((event) => event.kind === 'broker' && event.what === 'restarted')
        const copy = published(recording).find(({ body }) => body === task)
        const target = copy && declares(recording).find(({ fields }) => fields.queue === copy.routingKey)
        const forgotten = [
          target,
          ...declares(recording).filter(({ fields }) => String(fields.queue).startsWith(queue)),
        ]
        const own = forgotten.find((event) => event?.fields.exclusive || event?.fields.autoDelete)
        const fleeting = own ?? forgotten.find((event) => event?.fields.durable === false)
        const transient = copy && !copy.persistent ? copy.frame : undefined
        return {
          seen: `The handler of '${task}' failed, and the broker restarted. After that the task was in none of its queues.`,
          looksLike: own
            ? 'queue-of-its-own'
            : fleeting
              ? 'queue-not-durable'
              : transient
                ? 'copy-not-persistent'
                : undefined,
          show: [fleeting, begun(recording, task)[0]?.event, copy?.frame, restarted, ...looks(recording, queue)],
          wrong: {
            event: fleeting ?? transient,
            instead: fleeting ? 'durable: it has to be there after a restart' : 'persistent, as the task was',
          },
        }
      }
      const short = reached(recording, 'waits') ?? reached(recording, 'looked after the restart')
      if (short || [QUEUE, SINGLE].some((queue) => wasThere(recording, queue))) return short
      return {
        seen: 'When the broker restarted, no task was in any of your queues: there was nothing left that it could lose.',
        show: [begun(recording, FAILS)[0]?.event, ...looks(recording, QUEUE)],
      }
    }),
  ),
])

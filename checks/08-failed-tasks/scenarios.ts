import { setTimeout as sleep } from 'node:timers/promises'
import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { closing, frames } from '../../lab/recording/ask.ts'
import type { Events } from '../../lab/recording/once.ts'
import { outstanding } from '../../lab/recording/outstanding.ts'
import { Patience } from '../../lab/recording/patience.ts'
import { goOn, NeverCame } from '../../lab/recording/recorder.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { tasks } from '../../lab/recording/tasks.ts'
import type { Action } from '../../lab/recording/words/told.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Plan } from '../../lab/student/handlers.ts'
import type { Student } from '../../lab/student/student.ts'
import type { Policy } from './driver.ts'
import { goesRound, HOT_LOOKS, takenForDone } from './queues.ts'

/** Its first attempt rejects, its second throws, its third rejects with '', and so on. */
export const FAILS = 'Größe ändern 🖼'
/** They fail as the first one does, and wait as long: more than people allow a worker to hold. */
const MORE_FAILURES = Array.from({ length: 60 }, (_, i) => `resize broken photo ${i + 1}`)
export const LAST = 'resize the only photo'
export const ONCE = 'resize a photo whose server is slow'
export const GOOD = 'resize a good photo'
export const AFTER = 'resize one more good photo'
/** Two of them, with one text and an ID each. */
export const TWIN = 'resize the same photo'
/** Each has a text of its own, and none has an ID. */
export const NAMELESS = ['send the receipt to Ada', 'send the receipt to Grace']
/** The worker is killed while it works on this one. */
export const HELD = 'resize a large photo'
/** Done and acknowledged beside it, where several are worked on at once. */
const QUICK = 'resize a small photo'

export const QUEUE = 'tasks'
export const TWINS = 'twins'
export const SINGLE = 'photos'
export const dead = (queue: string) => `${queue}.dead`

export const POLICY: Policy = { maxAttempts: 3, retryDelayMs: 300 }
export const TWINS_POLICY: Policy = { maxAttempts: 2, retryDelayMs: 300 }
/** So long that nothing but the lab's own patience would see its end. */
export const LONG: Policy = { maxAttempts: 3, retryDelayMs: 60_000 }
export const SINGLE_POLICY: Policy = { maxAttempts: 1, retryDelayMs: 300 }

/** How far the handlers go on failing, so that one attempt too many looks different from no end. */
const BEYOND = 3
/** One answer of the event loop, or of the broker. */
const MOMENTS_MS = 4000
/** Attempts that grow further apart are right too. */
const ATTEMPTS_MS = 15_000

export const again = scenario('tasks fail, one forever and others once', async (stage) => {
  const service = await stage.student()
  await declare(stage, service, QUEUE, POLICY)
  await declare(stage, service, TWINS, TWINS_POLICY)
  // From clients in other languages: with other properties and no headers, or with nothing but a body.
  await stage.observer.publish(QUEUE, [FAILS], {
    contentType: 'text/plain',
    persistent: true,
    priority: 0,
    messageId: 'task-1',
    headers: null,
  })
  await stage.observer.publish(QUEUE, [ONCE], { headers: null })
  await stage.observer.publish(QUEUE, [GOOD], { messageId: 'task-3', headers: null })
  for (const messageId of ['twin-1', 'twin-2']) await stage.observer.publish(TWINS, [TWIN], { messageId })
  await stage.observer.publish(TWINS, NAMELESS, { headers: null })
  consume(stage, service, QUEUE, POLICY, {
    [FAILS]: failures(POLICY.maxAttempts + BEYOND),
    [ONCE]: ['reject', ...successes(3)],
    [GOOD]: successes(4),
  })
  consume(stage, service, TWINS, TWINS_POLICY, {
    [TWIN]: ['reject', 'reject', ...successes(4)],
    ...Object.fromEntries(NAMELESS.map((task) => [task, ['reject', ...successes(3)]] as const)),
  })
  try {
    await untilSetAside(stage, service, QUEUE, POLICY)
    const done = (task: string) => tasks(stage.recorder).named(task).successes.length
    await inTurnsTo(stage, service, `'${ONCE}' to be done`, () => done(ONCE) > 0)
    await inTurnsTo(stage, service, `both '${TWIN}' tasks to be done`, () => done(TWIN) >= 2)
    const namelessDone = () => NAMELESS.every((task) => done(task) > 0)
    await inTurnsTo(stage, service, `'${NAMELESS.join("' and '")}' to be done`, namelessDone)
    // An ack may come after the confirm of a copy.
    await inTurns(service, 100, () => (outstanding(stage.recorder).steps.at(-1)?.count ?? 0) === 0)
    await service.roundTrip(QUEUE, TWINS)
    if (!closing(stage.recorder)) stage.mark('all settled')
  } finally {
    await stage.kill(service, QUEUE, TWINS)
    await drainAll(stage)
    stage.mark('looked into the queues')
  }
})

export const waits = scenario(
  'a task waits for its next attempt, and the broker restarts',
  async (stage) => {
    const service = await stage.student()
    await declare(stage, service, QUEUE, LONG)
    await declare(stage, service, SINGLE, SINGLE_POLICY)
    await stage.observer.publish(QUEUE, [FAILS, ...MORE_FAILURES])
    await stage.observer.publish(SINGLE, [LAST])
    consume(stage, service, QUEUE, LONG, {
      ...Object.fromEntries([FAILS, ...MORE_FAILURES].map((task) => [task, failures(LONG.maxAttempts + BEYOND)])),
      [AFTER]: successes(4),
    })
    consume(stage, service, SINGLE, SINGLE_POLICY, { [LAST]: failures(1 + BEYOND) })
    try {
      await begun(stage, FAILS)
      await untilSetAside(stage, service, SINGLE, SINGLE_POLICY, LAST).catch(goOn)
      const areBegun = () => MORE_FAILURES.every((task) => tasks(stage.recorder).named(task).attempts.length > 0)
      await inTurns(service, 50, areBegun)
      await service.roundTrip(QUEUE, SINGLE)
      stage.mark('waits')
      await stage.observer.publish(QUEUE, [AFTER])
      await begun(stage, AFTER).catch(goOn)
      await inTurns(service, 100, () => tasks(stage.recorder).named(AFTER).isAcked)
      await service.roundTrip(QUEUE, SINGLE)
      stage.mark('others had their chance')
      await inTurns(service, 100, () => !mayBecomeALoop(stage.recorder))
    } finally {
      await service.kill()
    }
    await stage.untilLeft(QUEUE, SINGLE)
    for (const queue of declaredQueues(stage.recorder)) await stage.observer.queue(queue)
    await stage.restartBroker()
    await drainAll(stage)
    stage.mark('looked after the restart')
  },
  { restarts: true },
)

export const killed = scenario(
  'the worker is killed between two attempts',
  async (stage) => {
    const service = await stage.student()
    // With a consumer of its own: one that works on a task at a time would not come to the other before it is killed.
    await declare(stage, service, SINGLE, POLICY)
    await stage.observer.publish(SINGLE, [HELD, QUICK])
    consume(stage, service, SINGLE, POLICY, { [HELD]: ['hold'], [QUICK]: successes(4) })
    await begun(stage, HELD)
    await inTurns(service, 15, () => tasks(stage.recorder).named(QUICK).isAcked)
    await declare(stage, service, QUEUE, POLICY)
    await stage.observer.publish(QUEUE, [FAILS])
    consume(stage, service, QUEUE, POLICY, { [FAILS]: ['reject'] })
    await begun(stage, FAILS)
    await service.lives()
    await service.roundTrip(QUEUE)
    await service.kill()
    stage.mark('killed')
    await stage.untilLeft(QUEUE, SINGLE)
    const another = await stage.student()
    for (const [queue, task] of [
      [SINGLE, HELD],
      [QUEUE, FAILS],
    ] as const) {
      await declare(stage, another, queue, POLICY)
      consume(stage, another, queue, POLICY, { [task]: successes(4), [QUICK]: successes(4) })
    }
    await untilBegunAgain(stage, another)
    stage.mark('came to another worker')
  },
  { students: 2 },
)

/** Has the exercise declare its queues. @throws StudentGone when it rejects */
async function declare(stage: Stage, service: Student, queue: string, policy: Policy): Promise<void> {
  const { ok } = await service.ask('declare', { url: stage.url, queue, policy }, { limitMs: MOMENTS_MS })
  if (!ok) throw new StudentGone('declareWorkQueues() rejected')
  const { exists } = await stage.observer.queue(queue)
  if (!exists) throw new StudentGone('the queue was not declared')
}

function consume({ url }: Stage, service: Student, queue: string, policy: Policy, plan: Plan): void {
  service.call('consume', { url, queue, policy, plan })
}

function failures(count: number): Action[] {
  const ways: Action[] = ['reject', 'throw', 'reject-with-empty-text']
  return Array.from({ length: count }, (_, i) => ways[i % ways.length] ?? 'reject')
}

function successes(count: number): Action[] {
  return Array.from({ length: count }, () => 'resolve')
}

/** Waits until a handler has begun with this task, or nothing more will come. @throws NeverCame, StudentGone */
async function begun({ recorder }: Stage, task: string): Promise<void> {
  const what = `the handler to be called with '${task}'`
  const isThere = () => tasks(recorder).named(task).attempts.length > 0
  const began = (event: RecordedEvent) => event.kind === 'told' && event.name === 'began' && isThere()
  await recorder.waitFor(what, (event) => began(event) || isEnd(event), { limitMs: MOMENTS_MS })
  if (!isThere()) throw new StudentGone(`the process or its channel ended before ${what}`)
}

/** The process or its channel has ended, or a call rejected: nothing more will come. */
function isEnd(event: RecordedEvent): boolean {
  if (event.kind === 'process') return event.what === 'exited'
  if (event.kind !== 'told') return false
  return event.name === 'channel-closed' || (event.name === 'settled' && !event.data.ok)
}

/** Waits until the broker has something in the dead queue, or the handler was called far too often. */
async function untilSetAside(stage: Stage, service: Student, queue: string, { maxAttempts }: Policy, task = FAILS) {
  const { recorder, observer } = stage
  const from = recorder.now()
  const patience = new Patience(ATTEMPTS_MS)
  const attempts = () => tasks(recorder).named(task).attempts.length
  while ((await observer.queue(dead(queue))).messages === 0) {
    if (recorder.events.some(isEnd) || service.exited) throw new StudentGone('the process or its channel ended')
    if (attempts() >= maxAttempts + BEYOND) return
    if (patience.passedMs > limitOf(stage, task)) {
      throw neverCame(stage, `'${task}' to be tried again or set aside in '${dead(queue)}'`, from)
    }
    await sleep(25)
  }
  // Set aside before its time: is it tried again all the same?
  await inTurns(service, POLICY.retryDelayMs / 5, () => attempts() >= maxAttempts)
}

/** A worker that lets go of the task and tries nothing again is found out sooner than one whose waits may grow. */
function limitOf({ recorder }: Stage, task: string): number {
  // Nothing brings it back by itself; a consumer that fetches it would have done so by then.
  if (goesRound(recorder, task, [QUEUE, TWINS, SINGLE])) return MOMENTS_MS / 4 + POLICY.retryDelayMs
  // Nothing is left of it that could come back.
  if (takenForDone(recorder, task)) return MOMENTS_MS / 4 + POLICY.retryDelayMs
  return tasks(recorder).named(task).attempts.length > 1 ? ATTEMPTS_MS : MOMENTS_MS + POLICY.retryDelayMs
}

/** Waits a number of turns of the student's process; what never comes is noted. @throws StudentGone */
async function inTurnsTo(stage: Stage, service: Student, what: string, isThere: () => boolean): Promise<void> {
  const from = stage.recorder.now()
  if (!(await inTurns(service, MOMENTS_MS / 10, isThere))) neverCame(stage, what, from)
}

/** Notes what was awaited in vain since `from`. */
function neverCame({ recorder }: Stage, what: string, from: number): NeverCame {
  const limitMs = Math.round(recorder.now() - from)
  recorder.note({ kind: 'awaited', what, limitMs, instead: [] })
  return new NeverCame(what, limitMs)
}

/** It came again during its wait, and not often enough yet to be called a loop: a slow machine needs longer for that. */
function mayBecomeALoop(recording: Events): boolean {
  const looks = tasks(recording).named(FAILS).deliveries.length
  return looks > 1 && looks < 2 * HOT_LOOKS
}

/** The next worker has begun with the task that had failed, and with the one that the first had in hand, or has given that up. */
function hasComeAgain({ recorder }: Stage): boolean {
  const all = tasks(recorder)
  const isBegun = (task: string) => all.named(task).attempts.some(({ student }) => student === 2)
  const { attempts, isAcked } = all.named(HELD)
  return isBegun(FAILS) && (attempts.length === 0 || isAcked || isBegun(HELD))
}

/** Waits until the next worker has the tasks, or no queue holds anything any more. */
async function untilBegunAgain(stage: Stage, service: Student): Promise<void> {
  const { recorder, observer } = stage
  const from = recorder.now()
  const patience = new Patience(ATTEMPTS_MS)
  for (let empty = 0; !hasComeAgain(stage); ) {
    if (service.exited) throw new StudentGone('the process ended')
    let held = 0
    for (const queue of declaredQueues(recorder)) held += (await observer.queue(queue)).messages
    empty = held === 0 ? empty + 1 : 0
    // Between two looks a task may have moved on; it can't do so twenty times.
    if (empty >= 20 || patience.isOver) throw neverCame(stage, 'the task to reach the next worker', from)
    await service.ping()
    await sleep(50)
  }
}

/** The queues that the broker has declared for the service: first where tasks wait, and last where they end. */
function declaredQueues(recording: Events): string[] {
  const names = frames(recording, 'queue.declare-ok').map(({ fields }) => String(fields.queue))
  const order = (name: string) => ([QUEUE, TWINS, SINGLE].includes(name) ? 1 : name.endsWith('.dead') ? 2 : 0)
  return [...new Set(names)].sort((a, b) => order(a) - order(b))
}

/** Takes everything out of every queue: first where tasks wait, then where they are worked on, then where they end. */
async function drainAll({ recorder, observer }: Stage): Promise<void> {
  for (const queue of declaredQueues(recorder)) {
    const { exists } = await observer.queue(queue)
    if (exists) await observer.drain(queue)
  }
}

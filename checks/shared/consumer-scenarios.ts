import { type Scenario, scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { closing, frame } from '../../lab/recording/ask.ts'
import { type Attempt, tasks } from '../../lab/recording/tasks.ts'
import type { Action } from '../../lab/recording/words/told.ts'
import type { Student } from '../../lab/student/student.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { LONGEST_PAUSE } from './fast-clocks.ts'

/** What lesson 04 plays, and lesson 07 plays again: a handler fails, the queue is deleted, the channel dies. */

export const QUEUE = 'tasks'
export const MORE = 'more-tasks'

export const EARLIER = 'resize an old photo'
export const FAILS = 'resize a broken photo'
export const OTHER = 'resize a good photo'
export const AFTER = 'resize one more photo'

/**
 * Which handler is to end next: a middle one as long as there is one, then the newest, and the oldest last. Neither who
 * answers for the newest nor who answers for the oldest is right by luck.
 */
export function amidst(unfinished: Attempt[]): Attempt | undefined {
  return unfinished.length > 2 ? unfinished[Math.floor((unfinished.length - 1) / 2)] : unfinished.at(-1)
}

/** What else the driver's `consume` is told: a plan, a prefetch limit, ... */
interface Args {
  [option: string]: unknown
}

/** Fills a queue and has the exercise consume from it: on a channel that is known by the queue's name, if by no other. */
export async function consume(
  stage: Stage,
  { service, tasks, queue = QUEUE, ...args }: { service?: Student; tasks: string[]; queue?: string } & Args,
) {
  await stage.observer.declare(queue, { durable: true })
  if (tasks.length > 0) await stage.observer.publish(queue, tasks)
  const student = service ?? (await stage.student())
  return { service: student, call: student.call('consume', { channel: queue, ...args, url: stage.url, queue }) }
}

export function queueIsDeleted(args?: Args): Scenario {
  return scenario('the queue is deleted', async (stage) => {
    const { service } = await consume(stage, { tasks: [OTHER], ...args })
    await stage.begun(1, { service, channel: QUEUE })
    await service.roundTrip(QUEUE)
    await stage.observer.delete(QUEUE)
    // Whoever fetches its tasks has no consumer that the broker could cancel.
    if (!frame(stage.recorder, 'basic.consume')) return
    await stage.wire.sees('basic.cancel', {}, { from: 'broker' })
    stage.mark('cancelled')
    await service.lives()
    // The work in hand ends as well, and so does what was begun without a task.
    service.finish('resolve', service.unfinished)
    await service.lives()
    stage.mark('lived on')
  })
}

export function channelDies(args?: Args): Scenario {
  return scenario('the channel dies while a handler works', async (stage) => {
    const { service } = await consume(stage, { tasks: [OTHER], ...args })
    await stage.begun(1, { service, channel: QUEUE })
    stage.mark('about to close the channel')
    await service.ask('breakChannel', { channel: QUEUE })
    await service.told('channel-closed', { what: 'the channel to close' })
    stage.mark('the channel was closed')
    // Whoever pauses before the answer gives it in a timer.
    await service.ask('hurry')
    service.finish('resolve', service.unfinished)
    await inTurns(service, LONGEST_PAUSE)
    await service.lives()
    stage.mark('done too late')
    await consume(stage, { service, queue: MORE, tasks: [FAILS], ...args })
    await stage.begun(1, { service, channel: MORE, queue: MORE })
    await stage.wire.switchOn(reset())
    await service.told('channel-closed', { count: 2, what: 'the connection to be lost' })
    stage.mark('the connection was lost')
    service.finish('reject', service.unfinished)
    await inTurns(service, LONGEST_PAUSE)
    await service.lives()
    stage.mark('failed too late')
  })
}

/** More often than most people try before they give up. */
const OFTEN = Array.from({ length: 12 }, (): Action => 'reject')
/** Time enough for a task to come back at once, as often as it is to fail. */
const TURNS = 25

/** What the handler does each time until it succeeds. One that is to hold is made to reject. */
export const REJECTS: Action[] = ['hold', ...OFTEN]
export const THROWS: Action[] = ['throw']
/** No error, and false where `if` looks at it. */
export const EMPTY_TEXT: Action[] = ['reject-with-empty-text']

interface Failing {
  actions: Action[]
  args?: Args
  /** Waits until another task has come as far as it should. */
  goesOn: (stage: Stage, service: Student, task: string) => Promise<void>
}

/** A task fails while another is in hand. Later, if it comes again to this worker, its work succeeds, as that on the other tasks does. */
export function handlerFails(name: string, { actions, args, goesOn }: Failing): Scenario {
  return scenario(name, async (stage) => {
    const { service } = await consume(stage, { tasks: [EARLIER, FAILS, OTHER], plan: { [FAILS]: actions }, ...args })
    const isFailing = ({ task }: Attempt) => task === FAILS
    let stop = () => {}
    try {
      const began = () => tasks(stage.recorder).named(FAILS).attempts.length > 0
      await stage.begun(1, { service, channel: QUEUE })
      // Whoever works on one task at a time begins with the next one when this is done.
      if (!(await inTurns(service, TURNS, began))) service.finish('resolve', service.unfinished)
      await stage.arrival(`the handler to be called with '${FAILS}'`, began, { service, channel: QUEUE })
      if (actions[0] === 'hold') {
        await service.roundTrip(QUEUE)
        service.finish('reject', service.unfinished.filter(isFailing))
      }
      stage.mark('failed')
      // Where it comes back at once it fails again. It may as well come late, or with another worker.
      const failsAgain = () =>
        inTurns(service, TURNS, () => tasks(stage.recorder).named(FAILS).attempts.length >= actions.length)
      await failsAgain()
      stop = letSucceed(stage, service, (one) => !isFailing(one) || one.time > actions.length)
      // Each of its failures may have left less room for others.
      await failsAgain()
      await stage.observer.publish(QUEUE, [AFTER])
      for (const task of [OTHER, AFTER]) await goesOn(stage, service, task)
      await service.lives()
      await service.roundTrip(QUEUE)
      if (!closing(stage.recorder)) stage.mark('went on')
    } finally {
      stop()
      // Also when the process has ended by itself: what does the queue hold now?
      await stage.killAndLook(service, QUEUE)
    }
  })
}

/** From now on lets handlers succeed, those that work already among them. Returns the function that ends it. */
export function letSucceed(
  { recorder }: Stage,
  service: Student,
  which: (attempt: Attempt) => boolean = () => true,
): () => void {
  const succeed = () => {
    for (const one of service.unfinished.filter(which)) service.finish('resolve', [one])
  }
  succeed()
  return recorder.listen(({ kind }) => kind === 'told' && succeed())
}

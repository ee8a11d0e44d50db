import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { closing } from '../../lab/recording/ask.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import { type Attempt, tasks } from '../../lab/recording/tasks.ts'
import type { Action } from '../../lab/recording/words/told.ts'
import type { Student } from '../../lab/student/student.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import type { ConsumeArgs } from './driver.ts'

const QUEUE = 'tasks'
const MORE = 'more-tasks'
/** One answer of the event loop, or of the broker. */
export const MOMENTS_MS = 4000
/** Two pauses of five seconds. */
const LONGEST_PAUSES_MS = 12_000

export const KILLED = ['Größe ändern: café.jpg', '翻訳する: 東京', 'send the receipt 🧾']

export const killed = scenario('the worker is killed in the middle of its work', async (stage) => {
  const { service, call } = await consume(stage, { tasks: KILLED })
  await stage.begun(1, { service, channel: QUEUE })
  await service.settled(call, 'consumeTasks()', { limitMs: MOMENTS_MS }).catch(goOn)
  await service.roundTrip(QUEUE)
  stage.mark('in the middle')
  await stage.killAndLook(service, QUEUE)
})

const NUMBERED = ['resize photo 1', 'resize photo 2', 'resize photo 3', 'resize photo 4']

export const several = scenario('several tasks, the one that was begun last finishes first', async (stage) => {
  const { service } = await consume(stage, { tasks: NUMBERED })
  let acks = true
  for (let finished = 0; finished < NUMBERED.length; finished++) {
    // One at a time or all at once: whatever has begun can be finished.
    await stage.begun(finished + 1, { service, channel: QUEUE })
    await service.roundTrip(QUEUE)
    // A timer that stands in for the work needs no event of ours: it has to go off.
    if (finished === 0) await stage.quiet('the handlers had been at work for a while', 120)
    const newest = service.unfinished.at(-1)
    if (!newest) return
    service.finish('resolve', [newest])
    if (acks && !tasks(stage.recorder).isWithoutAcks) {
      const what = `an ack for '${newest.task}', whose handler had resolved`
      const isAcked = () => tasks(stage.recorder).named(newest.task).isAcked
      await stage.arrival(what, isAcked, { service, channel: QUEUE }).catch((error: unknown) => {
        acks = false
        goOn(error)
      })
    }
    await service.roundTrip(QUEUE)
    if (finished === 0) stage.mark('finished one')
  }
  stage.mark('finished all')
})

export const FAILS = 'resize a broken photo'
export const OTHER = 'resize a good photo'
export const AFTER = 'resize one more photo'

export const rejects = failing('a handler rejects', ['hold', 'reject'])
export const throws = failing('a handler throws', ['throw'])

export const cancelled = scenario('the queue is deleted', async (stage) => {
  const { service } = await consume(stage, { tasks: [OTHER] })
  await stage.begun(1, { service, channel: QUEUE })
  await service.roundTrip(QUEUE)
  await stage.observer.delete(QUEUE)
  await stage.wire.sees('basic.cancel', {}, { from: 'broker', limitMs: MOMENTS_MS })
  stage.mark('cancelled')
  await service.lives()
  // The work in hand ends as well, and so does what was begun without a task.
  service.finish('resolve', service.unfinished)
  await service.lives()
  stage.mark('lived on')
})

export const late = scenario('the channel dies while a handler works', async (stage) => {
  const { service } = await consume(stage, { tasks: [OTHER] })
  await stage.begun(1, { service, channel: QUEUE })
  await service.ask('breakChannel', { channel: QUEUE })
  await service.told('channel-closed', { what: 'the channel to close' })
  stage.mark('the channel was closed')
  service.finish('resolve', service.unfinished)
  await service.lives()
  stage.mark('done too late')
  await consume(stage, { service, queue: MORE, tasks: [FAILS] })
  await stage.begun(1, { service, channel: MORE, queue: MORE })
  await stage.wire.switchOn(reset())
  await service.told('channel-closed', { count: 2, what: 'the connection to be lost' })
  stage.mark('the connection was lost')
  service.finish('reject', service.unfinished)
  await service.lives()
  stage.mark('failed too late')
})

/** Fills a queue and has the exercise consume from it. The handlers end as planned, or when the lab says so. */
async function consume(
  stage: Stage,
  { service, tasks, queue = QUEUE, ...options }: Partial<ConsumeArgs> & { service?: Student; tasks: string[] },
) {
  await stage.observer.declare(queue, { durable: true })
  await stage.observer.publish(queue, tasks)
  const student = service ?? (await stage.student())
  return { service: student, call: student.call('consume', { ...options, url: stage.url, queue }) }
}

/** A task fails. Later, if it comes again to this worker, its work succeeds, as that on the other tasks does. */
function failing(name: string, actions: Action[]) {
  return scenario(name, async (stage) => {
    const { service } = await consume(stage, { tasks: [FAILS, OTHER], plan: { [FAILS]: actions } })
    const isFailing = ({ task }: Attempt) => task === FAILS
    let failed = false
    const succeed = (one: Attempt) => {
      if (failed && (!isFailing(one) || one.time > actions.length)) service.finish('resolve', [one])
    }
    const stop = stage.recorder.listen(({ kind }) => kind === 'told' && service.unfinished.forEach(succeed))
    try {
      const began = () => tasks(stage.recorder).named(FAILS).attempts.length > 0
      await stage.arrival(`the handler to begin with '${FAILS}'`, began, { service, channel: QUEUE })
      if (actions[0] === 'hold') {
        await service.roundTrip(QUEUE)
        service.finish('reject', service.unfinished.filter(isFailing))
      }
      stage.mark('failed')
      failed = true
      service.unfinished.forEach(succeed)
      await stage.observer.publish(QUEUE, [AFTER])
      for (const task of [OTHER, AFTER]) {
        await patiently(stage, service, `'${task}' to be done and acknowledged`, () => {
          const { attempts, isAcked } = tasks(stage.recorder).named(task)
          return attempts.length > 0 && (isAcked || tasks(stage.recorder).isWithoutAcks)
        })
      }
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

/**
 * Waits, and a while longer where the service has set a timer: it may pause before it gives a failed task back, and work on
 * one task at a time.
 */
async function patiently(stage: Stage, service: Student, what: string, isThere: () => boolean): Promise<void> {
  const here = { service, channel: QUEUE }
  try {
    await stage.arrival(what, isThere, here)
  } catch (error) {
    goOn(error)
    const { value: timers } = await service.ask('timers')
    if (Number(timers) <= 0) throw error
    await stage.arrival(what, isThere, { ...here, limitMs: LONGEST_PAUSES_MS })
  }
}

import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import { tasks } from '../../lab/recording/tasks.ts'
import type { Action } from '../../lab/recording/words/told.ts'
import type { Student } from '../../lab/student/student.ts'
import {
  amidst,
  channelDies,
  consume,
  EMPTY_TEXT,
  handlerFails,
  letSucceed,
  MORE,
  QUEUE,
  queueIsDeleted,
  REJECTS,
  THROWS,
} from '../shared/consumer-scenarios.ts'
import { LONGEST_PAUSE } from '../shared/fast-clocks.ts'

/** One answer of the event loop, or of the broker. */
export const MOMENTS_MS = 4000
/** Time enough for all tasks to begin; who works on one at a time needs none of it. */
const TURNS = 25
/** Two pauses of five seconds. */
const LONGEST_PAUSES_MS = 12_000

export const KILLED = ['Größe ändern: café.jpg', ' 翻訳する: 東京 ', '{"send": ["the receipt", "🧾"]}']

export const killed = scenario(
  'the worker is killed in the middle of its work',
  async (stage) => {
    const service = await stage.student()
    // A timer goes by the clocks as they are when it is set.
    await service.ask('hurry')
    const { call } = await consume(stage, { service, tasks: KILLED })
    await stage.begun(1, { service, channel: QUEUE })
    await service.settled(call, 'consumeTasks()', { limitMs: MOMENTS_MS }).catch(goOn)
    await inTurns(service, LONGEST_PAUSE)
    await service.roundTrip(QUEUE)
    stage.mark('in the middle')
    await stage.kill(service, QUEUE)
    const { messages } = await stage.observer.queue(QUEUE)
    stage.mark('killed')
    if (messages < KILLED.length) return
    await doneByAnother(stage)
  },
  { students: 2 },
)

/** A second process, with the same exercise, gets what the first one left. */
async function doneByAnother(stage: Stage): Promise<void> {
  const another = await stage.student()
  await consume(stage, { service: another, tasks: [] })
  const stop = letSucceed(stage, another)
  const isBegun = (task: string) =>
    tasks(stage.recorder)
      .named(task)
      .attempts.some(({ student }) => student === 2)
  const isTaken = (task: string) => isBegun(task) || tasks(stage.recorder).named(task).isAcked
  const what = 'a second worker to start on each of the tasks'
  const here = { service: another, channel: QUEUE }
  await stage
    .arrival(what, () => KILLED.every(isTaken), here)
    .catch(goOn)
    .finally(stop)
  await another.lives()
  await another.roundTrip(QUEUE)
  if (KILLED.every(isBegun)) stage.mark('done by another worker')
}

/** Two of them are equal. */
const NUMBERED = ['resize photo 1', 'resize photo 2', 'resize photo 2', 'resize photo 3']
export const BESIDE = 'send mail 1'
/** As a task that was done before. */
const AGAIN = 'resize photo 1'

export const several = scenario('several tasks that finish in a different order than they started', async (stage) => {
  const { service } = await consume(stage, { tasks: NUMBERED })
  let acks = true
  for (let finished = 0; finished < NUMBERED.length; finished++) {
    // One at a time or all at once: whatever has begun can be finished.
    await stage.begun(finished + 1, { service, channel: QUEUE, queue: QUEUE })
    await service.roundTrip(QUEUE)
    if (finished === 0) {
      await inTurns(service, TURNS, () => service.unfinished.length === NUMBERED.length)
      // A timer that stands in for the work needs no event of ours: it has to go off.
      await stage.quiet('the handlers had been at work for a while', 120)
    }
    const next = amidst(service.unfinished.filter(({ task }) => task !== BESIDE))
    if (!next) return
    service.finish('resolve', [next])
    if (acks && !tasks(stage.recorder).isWithoutAcks) {
      const what = `an ack for '${next.task}', whose handler had resolved`
      const { finishes } = tasks(stage.recorder)
      const done = finishes.filter(({ tasks: [task] }) => task === next.task).length
      const isAcked = () => tasks(stage.recorder).named(next.task).acks.length >= done
      await stage.arrival(what, isAcked, { service, channel: QUEUE }).catch((error: unknown) => {
        acks = false
        goOn(error)
      })
    }
    await service.roundTrip(QUEUE)
    if (finished > 0) continue
    stage.mark('finished one')
    // Another consumer in the same process, on a channel of its own: it takes nothing from this one.
    const { call } = await consume(stage, { service, queue: MORE, tasks: [BESIDE] })
    await service.settled(call, 'consumeTasks() for another queue', { limitMs: MOMENTS_MS }).catch(goOn)
  }
  await stage.begun(1, { service, channel: MORE, queue: MORE }).catch(goOn)
  await stage.observer.publish(QUEUE, [AGAIN])
  const stop = letSucceed(stage, service)
  const areAcked = () => [AGAIN, BESIDE].every((task) => isDone(stage, task))
  await stage
    .arrival(`'${BESIDE}', and '${AGAIN}' once more, to be acknowledged`, areAcked, { service, channel: QUEUE })
    .catch(goOn)
    .finally(stop)
  await service.roundTrip(QUEUE)
  stage.mark('finished all')
})

/** Every delivery of the task is acknowledged. */
function isDone({ recorder }: Stage, task: string): boolean {
  const { deliveries, acks } = tasks(recorder).named(task)
  const wanted = task === AGAIN ? 2 : 1
  return deliveries.length >= wanted && (acks.length >= wanted || tasks(recorder).isWithoutAcks)
}

export const rejects = failing('a handler rejects', REJECTS)
export const throws = failing('a handler throws', THROWS)
export const emptyText = failing("a handler rejects with ''", EMPTY_TEXT)

function failing(name: string, actions: Action[]) {
  return handlerFails(name, {
    actions,
    goesOn: (stage, service, task) =>
      patiently(stage, service, `'${task}' to be done and acknowledged`, () => {
        const { attempts, isAcked } = tasks(stage.recorder).named(task)
        return attempts.length > 0 && (isAcked || tasks(stage.recorder).isWithoutAcks)
      }),
  })
}

export const cancelled = queueIsDeleted()
export const late = channelDies()

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

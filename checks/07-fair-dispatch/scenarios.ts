import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { frame } from '../../lab/recording/ask.ts'
import type { Events } from '../../lab/recording/once.ts'
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
  MORE,
  QUEUE,
  queueIsDeleted,
  REJECTS,
  THROWS,
} from '../shared/consumer-scenarios.ts'

/** The first two of the photos are equal, and in hand at the same time. */
export const FLOOD = [
  'Größe ändern: café.jpg',
  ' 翻訳する: 東京 ',
  '{"send": ["the receipt", "🧾"]}',
  'resize photo 4',
].concat(Array.from({ length: 16 }, (_, i) => `resize photo ${i + 4}`))
export const AT_ONCE = 3
/** Enough that each place has been taken again. */
const FINISHED = 5

export const flood = scenario('many tasks wait, and one worker comes', async (stage) => {
  const { service, call } = await consume(stage, { tasks: FLOOD, prefetch: AT_ONCE })
  const here = { service, channel: QUEUE }
  await stage.begun(1, here)
  await service.settled(call, `consumeFairly()`).catch(goOn)
  await stage.begun(AT_ONCE, here).catch(goOn)
  await service.roundTrip(QUEUE)
  // A timer that stands in for the work needs no event of ours: it has to go off.
  await stage.quiet('the handlers had been at work for a while', 120)
  await stage.observer.queue(QUEUE)
  stage.mark('has all that it may have')
  try {
    await finishSome(stage, service)
    stage.mark('finished some')
  } finally {
    // Also when the channel is gone: what does the queue hold now?
    await stage.killAndLook(service, QUEUE)
  }
})

/** Ends handlers one by one, a middle one first; in its place the next task should come. */
async function finishSome(stage: Stage, service: Student): Promise<void> {
  let flows = true
  for (let finished = 0; finished < FINISHED; finished++) {
    const next = amidst(service.unfinished)
    if (!next) return
    const begun = () => tasks(stage.recorder).attempts.length
    // Where no limit holds, all have begun already.
    const before = Math.min(begun(), FLOOD.length - 1)
    service.finish('resolve', [next])
    if (flows) {
      const what = `the handler to be called with the next task, since '${next.task}' was done`
      const here = { service, channel: QUEUE }
      await stage
        .arrival(what, () => begun() > before, here)
        .catch((error: unknown) => {
          flows = false
          goOn(error)
        })
    }
    await service.lives()
    await service.roundTrip(QUEUE)
  }
}

export const SHARED_TASKS = Array.from({ length: 8 }, (_, i) => `invoice ${i + 1}`)
export const EACH = 2

export const beside = scenario(
  'a slow worker, and a fast one beside it',
  async (stage) => {
    const { service: slow } = await consume(stage, { tasks: SHARED_TASKS, prefetch: EACH })
    await stage.begun(1, { service: slow, channel: QUEUE })
    await slow.roundTrip(QUEUE)
    const fast = await stage.student()
    const { call } = await consume(stage, { service: fast, tasks: [], prefetch: EACH, otherwise: 'resolve' })
    await fast.settled(call, 'consumeFairly() of the second worker').catch(goOn)
    const allBegun = () => SHARED_TASKS.every((task) => tasks(stage.recorder).named(task).attempts.length > 0)
    const what = 'one of the two workers to start on each task'
    await stage.arrival(what, allBegun, { service: fast, channel: QUEUE }).catch(goOn)
    stage.mark('the fast one had its time')
    if (allBegun()) await takenOver(stage, { slow, fast })
  },
  { students: 2 },
)

/** The slow worker is killed: what it has in hand comes to the fast one, which runs the same exercise. */
async function takenOver(stage: Stage, { slow, fast }: Record<'slow' | 'fast', Student>): Promise<void> {
  const left = inHand(stage.recorder)
  // Before its end: on a busy machine that is noticed when another worker has its tasks already.
  stage.mark('the slow one is killed')
  await slow.kill()
  const task = (name: string) => tasks(stage.recorder).named(name)
  const isBegun = (name: string) => task(name).attempts.some(({ student }) => student === 2)
  const isTaken = (name: string) => isBegun(name) || task(name).isAcked
  const what = 'the fast worker to start on the tasks that the slow one held'
  await stage.arrival(what, () => left.every(isTaken), { service: fast, channel: QUEUE }).catch(goOn)
  await fast.lives()
  if (left.length > 0 && left.every(isBegun)) stage.mark('taken over')
}

/** What the slow worker has in hand: the tasks that were delivered to the first consumer, and that are not acknowledged. */
export function inHand(recording: Events): string[] {
  const all = tasks(recording)
  const slow = frame(recording, 'basic.consume')?.connection
  return SHARED_TASKS.filter((task) => {
    const { delivery, isAcked } = all.named(task)
    return delivery !== undefined && delivery.connection === slow && !delivery.noAck && !isAcked
  })
}

/** The second one is above the limits that people have in mind. */
export const LIMITS = [2, 30] as const
const ELSEWHERE = 'yet-more-tasks'

export const onOneChannel = scenario('two consumers on one channel', async (stage) => {
  const some = (of: string, length: number) => Array.from({ length }, (_, i) => `${of} ${i + 1}`)
  const first = await consume(stage, { tasks: some('photo', 6), prefetch: LIMITS[0] })
  const { service } = first
  const here = { service, channel: QUEUE }
  await service.settled(first.call, 'consumeFairly()').catch(goOn)
  await stage.begun(1, { ...here, queue: QUEUE })
  const beside = { service, queue: MORE, channel: QUEUE, prefetch: LIMITS[1] }
  const second = await consume(stage, { ...beside, tasks: some('mail', LIMITS[1] + 3) })
  await service.settled(second.call, 'consumeFairly() for the second queue').catch(goOn)
  const delivered = () => sentTo(stage.recorder).every(({ begun, limit }) => begun >= limit)
  const what = 'both consumers to have as many tasks as their limits allow'
  await stage.arrival(what, delivered, { ...here, methods: ['basic.deliver'] }).catch(goOn)
  await service.lives()
  stage.mark('both have begun')
  if (!delivered()) return
  // A third consumer, on a channel of its own: the first one goes on as before.
  const third = await consume(stage, { service, queue: ELSEWHERE, tasks: ['bill 1'], prefetch: 1 })
  await service.settled(third.call, 'consumeFairly() for the third queue').catch(goOn)
  for (const photo of ['photo 1', 'photo 3']) {
    service.finish(
      'resolve',
      service.unfinished.filter(({ task }) => task === photo),
    )
    const before = sentTo(stage.recorder)[0]?.begun ?? 0
    const goesOn = () => tasks(stage.recorder).named(photo).isAcked && (sentTo(stage.recorder)[0]?.begun ?? 0) > before
    await stage
      .arrival(`the handler to be called with the next photo, since '${photo}' was done`, goesOn, here)
      .catch(goOn)
  }
  await service.lives()
  stage.mark('the first goes on')
})

/** How many tasks of each of the two queues were delivered and begun, and how many its consumer may hold. */
export function sentTo(recording: Events): { queue: string; limit: number; count: number; begun: number }[] {
  const { deliveries, attempts } = tasks(recording)
  return [
    { queue: QUEUE, limit: LIMITS[0] },
    { queue: MORE, limit: LIMITS[1] },
  ].map(({ queue, limit }) => ({
    queue,
    limit,
    count: deliveries.filter(({ frame }) => frame.fields.routingKey === queue).length,
    begun: attempts.filter((attempt) => attempt.queue === queue).length,
  }))
}

export const rejects = failing('a handler rejects', REJECTS)
export const throws = failing('a handler throws', THROWS)
export const emptyText = failing("a handler rejects with ''", EMPTY_TEXT)

function failing(name: string, actions: Action[]) {
  return handlerFails(name, {
    actions,
    args: { prefetch: AT_ONCE },
    goesOn: (stage, service, task) =>
      stage.arrival(
        `the handler to be called with '${task}'`,
        () => tasks(stage.recorder).named(task).attempts.length > 0,
        { service, channel: QUEUE },
      ),
  })
}

export const cancelled = queueIsDeleted({ prefetch: AT_ONCE })
export const late = channelDies({ prefetch: AT_ONCE })

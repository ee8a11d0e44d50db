import { setTimeout as sleep } from 'node:timers/promises'
import type { QueueHeld } from '../../lab/check/observer.ts'
import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { calls, frames } from '../../lab/recording/ask.ts'
import type { Events } from '../../lab/recording/once.ts'
import { Patience } from '../../lab/recording/patience.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import { since } from '../../lab/recording/span.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'

/** With a capital letter and a dot: a queue's name is taken as it is. */
export const QUEUE = 'Orders.EU'
export const TASKS = ['one .', 'two ..', 'three ...']
/** What the queue that is there already has, and that of no exercise: room for so many tasks. */
export const ROOM = 9_797
/** One answer of the broker is all it takes. */
export const DECLARE_MS = 6000

export const restart = scenario(
  'the broker restarts',
  async (stage) => {
    await declare(stage)
    // A task that the queue does not take is no error of the lab's: the counts tell.
    await stage.observer.publish(QUEUE, TASKS).catch(() => {})
    const before = await untilHeld(stage, ({ messages, locked }) => locked || messages >= TASKS.length, 3000)
    stage.mark('filled')
    if (!before.exists) return
    await stage.restartBroker()
    // A replicated queue comes back at once, but may need a moment to count.
    await untilHeld(stage, ({ messages }) => messages >= before.messages, 6000)
    stage.mark('restarted')
  },
  { restarts: true },
)

export const visitors = scenario('consumers and connections come and go', async (stage) => {
  const service = await declare(stage)
  const { exists } = await stage.observer.queue(QUEUE)
  stage.mark('declared')
  if (!exists) return
  await service.ask('visit', { queue: QUEUE })
  await stage.observer.queue(QUEUE)
  stage.mark('consumer left')
  await service.ask('close')
  await stage.openConnections(0)
  // An exclusive queue is locked until the broker has seen its connection go.
  await untilHeld(stage, ({ locked }) => !locked, 3000)
  stage.mark('connection left')
})

export const again = scenario('the queue is declared again', async (stage) => {
  const service = await declare(stage)
  await stage.observer.publish(QUEUE, TASKS).catch(() => {})
  // Not every type of queue has counted what it has confirmed.
  for (const patience = new Patience(2000); !patience.isOver; await sleep(50)) {
    await service.ask('look', { queue: QUEUE, name: 'before' })
    if (Number(look(stage.recorder, 'before')?.fields.messageCount) >= TASKS.length) break
  }
  const second = await service.ask('declare', { queue: QUEUE, channel: 'second' }, { limitMs: DECLARE_MS })
  if (!second.ok) return
  const { ok } = await service.ask('look', { queue: QUEUE, name: 'after' })
  stage.mark('declared again')
  if (!ok) return
  // A worker has one of the tasks: now the counts differ.
  await service.ask('work', { queue: QUEUE })
  if (look(stage.recorder, 'after')?.fields.messageCount !== 0) {
    await stage.wire.sees('basic.deliver', {}, { limitMs: 5000 }).catch(() => {})
  }
  await service.ask('look', { queue: QUEUE, name: 'before, beside a worker' })
  await service.ask('declare', { queue: QUEUE, channel: 'first', beside: 'a worker' }, { limitMs: DECLARE_MS })
  await service.ask('look', { queue: QUEUE, name: 'after, beside a worker' })
  stage.mark('declared beside a worker')
})

export const other = scenario('a queue with other properties is there', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true, maxLength: ROOM })
  await stage.observer.publish(QUEUE, TASKS)
  await stage.observer.queue(QUEUE)
  const service = await connect(stage)
  stage.mark('ready')
  const call = service.call('declare', { queue: QUEUE, channel: 'first' })
  const answered = await service.settled(call, 'declareTaskQueue()', { limitMs: DECLARE_MS }).then(
    () => true,
    () => false,
  )
  if (answered) {
    // Whatever the service has sent until now reaches the broker before this does.
    await service.ask('close').catch(() => {})
    stage.mark('answered')
  }
  await stage.observer.queue(QUEUE)
  stage.mark('looked')
})

async function connect(stage: Stage): Promise<Student> {
  const service = await stage.student()
  await service.ask('connect', { url: stage.url })
  return service
}

/** Has a service declare the queue for the first time. @throws StudentGone when it rejects */
async function declare(stage: Stage): Promise<Student> {
  const service = await connect(stage)
  const { ok } = await service.ask('declare', { queue: QUEUE, channel: 'first' }, { limitMs: DECLARE_MS })
  if (!ok) throw new StudentGone('declareTaskQueue() rejected')
  // Whoever does not wait for the broker's answer is told so by what it returns, and not by a race for the queue.
  await stage.wire.sees('queue.declare-ok', { queue: QUEUE }, { limitMs: 2000 }).catch(() => {})
  return service
}

/** Asks the broker for the queue until it is as wanted, or gone, or time is up. */
async function untilHeld(stage: Stage, wanted: (held: QueueHeld) => boolean, limitMs: number): Promise<QueueHeld> {
  for (const patience = new Patience(limitMs); ; await sleep(50)) {
    const held = await stage.observer.queue(QUEUE)
    if (!held.exists || wanted(held) || patience.isOver) return held
  }
}

/** What the broker answered when the lab last looked, under this name, through the service's own connection. */
export function look(recording: Events, name: string): FrameEvent | undefined {
  const call = calls(recording, 'look').findLast(({ args }) => args.name === name)
  const replies = frames(since(recording, call), 'queue.declare-ok', 'channel.close', 'connection.close')
  // The service may declare another queue as well, and wait for no answer.
  const [reply] = replies.filter(({ fields }) => fields.queue === QUEUE || fields.queue === undefined)
  return reply?.method === 'queue.declare-ok' ? reply : undefined
}

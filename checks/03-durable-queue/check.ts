import { setTimeout as sleep } from 'node:timers/promises'
import { check, expectation, step } from '../../lab/check/check.ts'
import {
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  reached,
  type Settlement,
  type Shortfall,
  type Stage,
  said,
  settled,
  times,
  told,
} from '../../lab/check/evidence.ts'
import type { QueueHeld } from '../../lab/check/observer.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { Patience } from '../../lab/recording/patience.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import type { Student } from '../../lab/student/student.ts'

const QUEUE = 'orders'
const TASKS = ['one .', 'two ..', 'three ...']
/** What the queue that is there already has, and that of no exercise: room for so many tasks. */
const ROOM = 9_797
/** One answer of the broker is all it takes. */
const DECLARE_MS = 6000
/** Nobody can say that tasks with a limit beyond this are lost in an outage. */
const LONG_OUTAGE_MS = 3_600_000

const restart = scenario(
  'the broker restarts',
  async (stage) => {
    const service = await stage.student()
    await service.ask('connect', { url: stage.url })
    if (!(await declared(stage, service))) return
    // A task that the queue does not take is no error of the lab's: the counts tell.
    await stage.observer.publish(QUEUE, TASKS).catch(() => {})
    const before = await look(stage, ({ messages, locked }) => locked || messages >= TASKS.length, 3000)
    stage.mark('filled')
    if (!before.exists) return
    await stage.restartBroker()
    // A replicated queue comes back at once, but may need a moment to count.
    await look(stage, ({ messages }) => messages >= before.messages, 6000)
    stage.mark('restarted')
  },
  { restarts: true },
)

const visitors = scenario('consumers and connections come and go', async (stage) => {
  const service = await stage.student()
  await service.ask('connect', { url: stage.url })
  if (!(await declared(stage, service))) return
  const { exists } = await stage.observer.queue(QUEUE)
  stage.mark('declared')
  if (!exists) return
  await service.ask('visit', { queue: QUEUE })
  await stage.observer.queue(QUEUE)
  stage.mark('consumer left')
  await service.ask('close')
  await stage.openConnections(0)
  // An exclusive queue is locked until the broker has seen its connection go.
  await look(stage, ({ locked }) => !locked, 3000)
  stage.mark('connection left')
})

const again = scenario('the queue is declared again', async (stage) => {
  const service = await stage.student()
  await service.ask('connect', { url: stage.url })
  if (!(await declared(stage, service))) return
  await stage.observer.publish(QUEUE, TASKS).catch(() => {})
  // Not every type of queue has counted what it has confirmed.
  for (const patience = new Patience(2000); !patience.isOver; await sleep(50)) {
    await service.ask('look', { queue: QUEUE, name: 'before' })
    if (Number(answer(stage.recorder, 'before')?.fields.messageCount) >= TASKS.length) break
  }
  const second = await service.ask('declare', { queue: QUEUE, channel: 'second' }, { limitMs: DECLARE_MS })
  if (!second.ok) return
  const { ok } = await service.ask('look', { queue: QUEUE, name: 'after' })
  stage.mark('declared again')
  if (!ok) return
  // A worker has one of the tasks: now the counts differ.
  await service.ask('work', { queue: QUEUE })
  if (answer(stage.recorder, 'after')?.fields.messageCount !== 0) {
    await stage.wire.sees('basic.deliver', {}, { limitMs: 5000 }).catch(() => {})
  }
  await service.ask('look', { queue: QUEUE, name: 'before, beside a worker' })
  await service.ask('declare', { queue: QUEUE, channel: 'first', beside: 'a worker' }, { limitMs: DECLARE_MS })
  await service.ask('look', { queue: QUEUE, name: 'after, beside a worker' })
  stage.mark('declared beside a worker')
})

const other = scenario('a queue with other properties is there', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true, maxLength: ROOM })
  await stage.observer.publish(QUEUE, TASKS)
  await stage.observer.queue(QUEUE)
  const service = await stage.student()
  await service.ask('connect', { url: stage.url })
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

/** Has the service declare the queue for the first time. False when it rejects. */
async function declared(stage: Stage, service: Student): Promise<boolean> {
  const { ok } = await service.ask('declare', { queue: QUEUE, channel: 'first' }, { limitMs: DECLARE_MS })
  // Whoever does not wait for the broker's answer is told so by what it returns, and not by a race for the queue.
  if (ok) await stage.wire.sees('queue.declare-ok', { queue: QUEUE }, { limitMs: 2000 }).catch(() => {})
  return ok
}

/** Asks the broker for the queue until it is as wanted, or gone, or time is up. */
async function look(stage: Stage, wanted: (held: QueueHeld) => boolean, limitMs: number): Promise<QueueHeld> {
  for (const patience = new Patience(limitMs); ; await sleep(50)) {
    const held = await stage.observer.queue(QUEUE)
    if (!held.exists || wanted(held) || patience.isOver) return held
  }
}

type Held = RecordedEvent & { kind: 'broker'; data: Record<string, unknown> & QueueHeld }

/** What the broker said of the queue last before the scenario came to `mark`. */
function held(recording: Recording, mark: string): Held | undefined {
  const at = recording.events.findIndex((event) => event.kind === 'mark' && event.name === mark)
  const isHeld = (event: RecordedEvent): event is Held => event.kind === 'broker' && event.what === 'queue'
  return at === -1 ? undefined : recording.events.slice(0, at).findLast(isHeld)
}

/** What the broker answered when the lab looked through the service's own connection. */
function answer(recording: Pick<Recording, 'events'>, name: string): FrameEvent | undefined {
  const at = recording.events.findLastIndex(
    (event) => event.kind === 'asked' && event.name === 'look' && JSON.stringify(event.data).includes(`"${name}"`),
  )
  if (at === -1) return undefined
  const reply = recording.events
    .slice(at)
    .find((event) => isFrame(event, 'broker', 'queue.declare-ok', 'channel.close', 'connection.close'))
  return reply?.kind === 'frame' && reply.method === 'queue.declare-ok' ? reply : undefined
}

/** The service's own queue.declare: for the queue that was asked for, where there is one. */
function declaration(recording: Recording) {
  const all = declares(recording)
  const frame = all.findLast((event) => event.fields.queue === QUEUE) ?? all.at(-1)
  const { durable, exclusive, autoDelete, arguments: given } = frame?.fields ?? {}
  return { frame, flags: { durable, exclusive, autoDelete, arguments: (given ?? {}) as Record<string, unknown> } }
}

function declares(recording: Recording): FrameEvent[] {
  return recording.events.filter(
    (event): event is FrameEvent => isFrame(event, 'student', 'queue.declare') && event.fields.passive !== true,
  )
}

/** It declared queues, but none of the name that was asked for. */
function otherQueue(recording: Recording): FrameEvent | undefined {
  const all = declares(recording)
  return all.some((event) => event.fields.queue === QUEUE) ? undefined : all[0]
}

/** The first call rejected, although nothing was in its way. */
function rejected(recording: Recording): Shortfall | undefined {
  const call: Settlement | undefined = settled(recording, 'declare')
  if (!call || call.ok) return undefined
  const asked = recording.events.find((event) => isFrame(event, 'student', 'queue.declare'))
  const refusal = recording.events.find((event) => isFrame(event, 'broker', 'channel.close', 'connection.close'))
  return {
    seen: `There was no queue '${QUEUE}' yet, and declareTaskQueue() rejected: ${said(call)}`,
    looksLike: asked && declares(recording).length === 0 ? 'only-looks' : undefined,
    show: [asked, refusal, call.event],
    wrong:
      asked && declares(recording).length === 0
        ? { event: asked, instead: 'queue.declare without passive, which makes the queue' }
        : undefined,
  }
}

/** The call resolved, but the queue is not there. */
function missing(recording: Recording, mark: string): Shortfall | undefined {
  const found = held(recording, mark)
  if (!found || found.data.exists) return reached(recording, mark)
  const instead = otherQueue(recording)
  return {
    seen: `declareTaskQueue() resolved, but there is no queue '${QUEUE}'${instead ? `: the service declared '${instead.fields.queue}'` : ''}.`,
    looksLike: instead ? 'other-queue' : undefined,
    show: [instead, found],
    wrong: instead && { event: instead, instead: `queue.declare for '${QUEUE}'` },
  }
}

/** When the tasks were in the queue. */
function filledAt(recording: Recording): number | undefined {
  return recording.events.find((event) => event.kind === 'broker' && event.what === 'published')?.ms
}

function resolvedBecause(recording: Recording): string | undefined {
  const sent = (suits: (event: FrameEvent) => boolean) =>
    recording.events.some((event) => event.kind === 'frame' && event.from === 'student' && suits(event))
  if (otherQueue(recording)) return 'other-queue'
  if (sent(({ method, fields }) => method === 'queue.delete' && fields.queue === QUEUE)) return 'starts-afresh'
  if (sent(({ method, fields }) => method === 'queue.declare' && fields.passive === true)) return 'takes-any-queue'
  return undefined
}

/** The error, or one that it carries as its cause, is the one that the broker sent. */
function isBrokersError(recording: Recording, refusal: FrameEvent): boolean {
  const { replyCode, replyText } = refusal.fields
  const errors = told(recording, 'rejected').flatMap(({ data }) => data.errors as { message: string; code?: unknown }[])
  const name = String(replyText).split(' ')[0] ?? ''
  return errors.some(
    ({ message, code }) =>
      code === replyCode ||
      new RegExp(`\\b${replyCode}\\b`).test(message) ||
      (name.length > 3 && message.replaceAll('-', '_').includes(name)),
  )
}

function isFrame(event: RecordedEvent, from: FrameEvent['from'], ...methods: string[]): event is FrameEvent {
  return event.kind === 'frame' && event.from === from && methods.includes(event.method)
}

export default check('03-durable-queue', [
  step(
    'It outlives the broker',
    expectation('declares a queue that is there after a restart, with the tasks in it', restart, (recording) => {
      const unusable = rejected(recording) ?? missing(recording, 'filled')
      if (unusable) return unusable
      const { frame, flags } = declaration(recording)
      const limit = ['x-expires', 'x-message-ttl'].find((name) => Number(flags.arguments[name]) < LONG_OUTAGE_MS)
      if (limit) {
        return {
          seen: `The queue was declared with ${limit} ${flags.arguments[limit]}: after so many milliseconds the broker deletes ${limit === 'x-expires' ? 'a queue that nobody uses, tasks and all' : 'a task that waits in it'}.`,
          looksLike: 'has-a-deadline',
          show: [frame],
          wrong: { event: frame, instead: `without ${limit}` },
        }
      }
      const before = held(recording, 'filled')
      const after = held(recording, 'restarted')
      const restarted = recording.events.find((event) => event.kind === 'broker' && event.what === 'restarted')
      if (!before || !after) return reached(recording, 'restarted')
      if (!after.data.exists) {
        return {
          seen: `The broker restarted, and the queue '${QUEUE}' was gone, with all that was in it. It had been declared with durable ${flags.durable}, exclusive ${flags.exclusive}.`,
          looksLike: flags.exclusive ? 'exclusive' : flags.durable ? undefined : 'not-durable',
          show: [frame, restarted, after],
          wrong: { event: frame, instead: 'a queue that outlives a restart is durable, and not exclusive' },
        }
      }
      if (after.data.messages < before.data.messages || after.data.messages === 0) {
        return {
          seen: `The lab put ${times(TASKS.length, 'persistent task')} into the queue. ${before.data.messages} were there before the restart, and ${after.data.messages} after it.`,
          show: [frame, before, restarted, after],
        }
      }
      return undefined
    }),
  ),
  step(
    'It belongs to nobody',
    expectation('declares a queue that stays when its consumer and its connection go', visitors, (recording) => {
      const unusable = rejected(recording) ?? missing(recording, 'declared')
      if (unusable) return unusable
      const { frame, flags } = declaration(recording)
      for (const [mark, who] of [
        ['consumer left', 'Its only consumer'],
        ['connection left', 'The connection that had declared it'],
      ] as const) {
        const after = held(recording, mark)
        if (!after || (after.data.exists && !(after.data.locked && mark === 'connection left'))) continue
        const cancelled = recording.events.findLast(
          (event) => event.kind === 'frame' && event.method === 'basic.cancel-ok' && event.ms <= after.ms,
        )
        const closed = recording.events.find((event) => event.kind === 'frame' && event.method === 'connection.close')
        return {
          seen: `${who} went, and the queue '${QUEUE}' was gone. It had been declared with autoDelete ${flags.autoDelete}, exclusive ${flags.exclusive}.`,
          looksLike: flags.autoDelete ? 'auto-delete' : flags.exclusive ? 'exclusive' : undefined,
          show: [frame, mark === 'consumer left' ? cancelled : closed, after],
          wrong: { event: frame, instead: 'neither autoDelete nor exclusive: it belongs to nobody' },
        }
      }
      return reached(recording, 'connection left')
    }),
  ),
  step(
    'It can be declared again',
    expectation('leaves the tasks in a queue that is there already', [again, other], (repeated, refused) => {
      const unusable = rejected(repeated)
      if (unusable) return unusable
      for (const recording of [repeated, refused]) {
        const thrown = recording.events.find(
          (event) =>
            isFrame(event, 'student', 'queue.delete', 'queue.purge') &&
            event.fields.queue === QUEUE &&
            event.ms > (filledAt(recording) ?? Number.POSITIVE_INFINITY),
        )
        if (thrown?.kind !== 'frame') continue
        const reply = recording.events.find(
          (event) => isFrame(event, 'broker', `${thrown.method}-ok`) && event.ms >= thrown.ms,
        )
        const count = reply?.kind === 'frame' ? Number(reply.fields.messageCount) : 0
        const lost = count > 0 ? ` ${times(count, 'task')} went with it.` : ''
        return {
          seen: `There were tasks in the queue '${QUEUE}', and declareTaskQueue() sent ${thrown.method}.${lost}`,
          looksLike: 'starts-afresh',
          show: [thrown, reply],
          wrong: { event: thrown, instead: 'queue.declare alone: declaring again changes nothing' },
        }
      }
      const stayed = [answer(repeated, 'before'), answer(repeated, 'after')]
      const [had, has] = stayed.map((event) => Number(event?.fields.messageCount))
      if (has !== undefined && had !== undefined && has < had) {
        return {
          seen: `The queue held ${had} tasks. After declareTaskQueue() had been called again it held ${has}.`,
          show: stayed,
        }
      }
      const left = held(refused, 'looked')
      if (left && (!left.data.exists || left.data.messages < TASKS.length)) {
        return {
          seen: `A queue '${QUEUE}' with other properties was there, with ${TASKS.length} tasks. After declareTaskQueue() ${left.data.exists ? `it held ${left.data.messages}` : 'it was gone'}.`,
          show: [left],
        }
      }
      if (marked(repeated, 'declared again') && !(has === TASKS.length)) {
        return {
          seen: `The lab put ${TASKS.length} tasks into '${QUEUE}', but ${has ? `it held ${has}` : 'could not find them there'}.`,
          looksLike: otherQueue(repeated) ? 'other-queue' : undefined,
          show: [declaration(repeated).frame, ...stayed],
        }
      }
      return reached(repeated, 'declared again') ?? reached(refused, 'ready') ?? reached(refused, 'looked')
    }),

    expectation("returns the queue's name and its counts, as the broker has them", again, (recording) => {
      for (const [beside, when] of [
        [undefined, ''],
        ['a worker', ', beside a worker'],
      ] as const) {
        const call = settled(
          recording,
          'declare',
          ({ channel, beside: by }) => by === beside && (beside !== undefined || channel === 'second'),
        )
        if (!call?.ok) continue
        const { what, reply } = call.value as { what?: string; reply?: Record<string, unknown> }
        const before = answer(recording, `before${when}`)
        const after = answer(recording, `after${when}`)
        if (!before || !after) continue
        const { messageCount, consumerCount } = before.fields
        const broker = `The broker had ${messageCount} ready tasks and ${times(Number(consumerCount), 'consumer')} for '${QUEUE}'`
        if (!reply || Object.values(reply).every((value) => value === undefined)) {
          return {
            seen: `${broker}, and declareTaskQueue() returned ${what ?? 'an object without queue, messageCount and consumerCount'}.`,
            looksLike: 'reply-lost',
            show: [before, call.event],
            wrong: { event: call.event, instead: "the broker's reply: queue, messageCount and consumerCount" },
          }
        }
        // Whoever changed the queue by declaring it is told elsewhere: either count was right at its time.
        const right = (name: string) => reply[name] === before.fields[name] || reply[name] === after.fields[name]
        if (reply.queue === QUEUE && right('messageCount') && right('consumerCount')) continue
        return {
          seen: `${broker}, and declareTaskQueue() returned ${JSON.stringify(reply)}.`,
          looksLike: Object.keys(reply).length < 3 ? 'reply-lost' : 'reply-made-up',
          show: [before, call.event],
          wrong: { event: call.event, instead: "the broker's reply: queue, messageCount and consumerCount" },
        }
      }
      return rejected(recording) ?? reached(recording, 'declared beside a worker')
    }),
  ),
  step(
    'It does not take another queue for its own',
    expectation("rejects with the broker's error when the queue there has other properties", other, (recording) => {
      const call = settled(recording, 'declare')
      const refusal = recording.events.find((event) => isFrame(event, 'broker', 'channel.close', 'connection.close'))
      const crash = findings(recording)[0]
      const was = `A queue '${QUEUE}' was there already, with x-max-length ${ROOM}.`
      if (!call) {
        const early = reached(recording, 'ready')
        if (early || refusal?.kind !== 'frame') return early ?? reached(recording, 'answered')
        if (crash) {
          return {
            seen: `${was} The broker answered ${refusal.fields.replyCode}, and the process ended. ${crash.sentence}`,
            looksLike: crash.id === 'exited' ? 'ends-the-process' : undefined,
            show: [refusal, crash],
            wrong: { event: crash, instead: 'the call rejects, and the process goes on' },
          }
        }
        return {
          seen: `${was} The broker answered ${refusal.fields.replyCode}, but ${DECLARE_MS / 1000} s later declareTaskQueue() was still pending.`,
          show: [refusal],
          wrong: { event: refusal, instead: 'the call rejects with this error' },
        }
      }
      if (call.ok) {
        const sent = recording.events.find((event) => isFrame(event, 'student', 'queue.declare'))
        const asked = declaration(recording).frame ?? sent
        return {
          seen: refusal
            ? `${was} The broker refused to declare it in another way, but declareTaskQueue() resolved.`
            : `${was} declareTaskQueue() resolved all the same.`,
          looksLike: resolvedBecause(recording) ?? (refusal && 'swallows-refusal'),
          show: [asked, refusal, call.event],
          wrong: {
            event: refusal ? call.event : asked,
            instead: refusal
              ? "the call rejects with the broker's error"
              : 'queue.declare with the properties that the queue has to have',
          },
        }
      }
      if (refusal?.kind !== 'frame' || !isBrokersError(recording, refusal)) {
        return {
          seen: `${was} declareTaskQueue() rejected with: ${said(call)}`,
          looksLike: refusal ? 'hides-refusal' : undefined,
          show: [refusal, call.event],
          wrong: { event: call.event, instead: "the call rejects with the broker's own error" },
        }
      }
      return reached(recording, 'answered')
    }),
  ),
])

import {
  awaited,
  contents,
  declares,
  type FrameEvent,
  frame,
  isBefore,
  marked,
  type Recording,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'
import { ENDS, reached } from './evidence.ts'
import { goesRound, handsOn, looks } from './queues.ts'
import { FAILS, LAST, POLICY, QUEUE, SINGLE } from './scenarios.ts'

/** How a failed task gets lost: taken out of its queue before it is elsewhere, or with its worker or its broker. */

const PUT_FIRST = 'the copy first, then the ack (on one channel, the broker keeps the order)'

/** A failed task left its queue, and no copy of it had been published before: nor does the queue hand it on by itself. */
function takenFirst(recording: Recording, task: string) {
  const all = tasks(recording)
  // Whether it is the same to the byte is judged elsewhere.
  const copies = all.published.filter(({ body, routingKey }) => body.includes(task) || routingKey.endsWith('.dead'))
  if (all.named(task).isDone) return undefined
  let taken = 0
  for (const settlement of all.named(task).settlements) {
    if (settlement.kind !== 'ack' && (settlement.requeue || handsOn(recording))) continue
    const before = copies.filter(({ frame }) => isBefore(recording, frame, settlement.frame))
    if (before.length > taken++) continue
    const delivery = all.covered(settlement).find(({ body }) => body === task)
    return { settlement, delivery, copy: copies[before.length] }
  }
  return undefined
}

/** A failed task was taken out of its queue, and was nowhere until its copy was published, or for ever. */
export function nowhere(recording: Recording, task: string): Shortfall | undefined {
  const bare = takenFirst(recording, task)
  if (!bare) return undefined
  const { settlement, delivery } = bare
  const copy = bare.copy && bare.copy.ms - settlement.ms < POLICY.retryDelayMs / 2 ? bare.copy : undefined
  const taken = settlement.kind === 'ack' ? 'acknowledged' : 'dropped'
  return {
    seen: copy
      ? `The handler for '${task}' failed. Your service acknowledged the task, and only then published its copy.`
      : `The handler for '${task}' failed. Your service ${taken} the task without publishing a copy first.`,
    looksLike: copy ? 'ack-first' : settlement.kind === 'ack' ? 'only-in-memory' : 'drops-failed',
    show: [delivery?.frame, tasks(recording).named(task).attempts[0]?.event, settlement.frame, copy?.frame],
    wrong: { event: settlement.frame, instead: PUT_FIRST },
  }
}

/** The broker forgets what it has sent. */
export function forgotten(recording: Recording): Shortfall | undefined {
  const sent = tasks(recording).deliveries.find(({ noAck }) => noAck)
  const consume = frame(recording, 'basic.consume')
  if (!sent) return undefined
  return {
    seen: "Your service consumed with noAck, so the broker didn't expect any acks.",
    looksLike: 'no-ack',
    show: [consume, sent.frame],
    wrong: { event: consume, instead: 'without noAck' },
  }
}

/** The worker was killed between two attempts, and no other worker got the task. */
export function lostWithItsWorker(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  if (all.named(FAILS).attempts.some(({ student }) => student === 2)) return undefined
  const vain = awaited(recording)
  if (!marked(recording, 'killed') || !vain) return reached(recording, 'came to another worker')
  const { attempts, delivery } = all.named(FAILS)
  const kill = recording.events.find((event) => event.kind === 'process' && event.what === 'signalled')
  const own = declares(recording).find(({ fields }) => fields.exclusive || fields.autoDelete)
  const round = own ? undefined : goesRound(recording, FAILS, ENDS)
  if (round) {
    return {
      seen: `The handler for '${FAILS}' failed, and the task was moved to '${round.queue.fields.queue}', which has no deadLetterRoutingKey. Then the lab killed the worker, and the next worker never got the task.`,
      looksLike: 'keeps-its-key',
      show: [round.queue, attempts[0]?.event, round.by, kill, vain],
      wrong: { event: round.queue, instead: `a deadLetterRoutingKey: '${QUEUE}'` },
    }
  }
  const bare = takenFirst(recording, FAILS)
  return {
    seen: `The lab killed the worker after the handler for '${FAILS}' failed. The next worker never got the task.`,
    looksLike: own ? 'queue-of-its-own' : bare && (bare.copy ? 'ack-first' : 'only-in-memory'),
    show: [own, delivery?.frame, attempts[0]?.event, bare?.settlement.frame, all.published[0]?.frame, kill, vain],
    wrong: own
      ? { event: own, instead: 'neither exclusive nor autoDelete, because tasks wait there even without a consumer' }
      : { event: bare?.settlement.frame, instead: PUT_FIRST },
  }
}

/** The broker restarted between two attempts, and a task was in no queue then. */
export function lostWithItsBroker(recording: Recording): Shortfall | undefined {
  for (const [queue, task] of [
    [QUEUE, FAILS],
    [SINGLE, LAST],
  ] as const) {
    const { attempts, copies } = tasks(recording).named(task)
    if (!marked(recording, 'looked after the restart') || attempts.length === 0) continue
    // What was lost before that is told elsewhere.
    if (!wasThere(recording, queue)) continue
    if (contents(recording).some((look) => look.tasks.some((one) => one.includes(task)))) continue
    const restarted = recording.events.find((event) => event.kind === 'broker' && event.what === 'restarted')
    const [copy] = copies
    const { looksLike, fleeting } = whyForgotten(recording, queue, copy?.routingKey)
    const transient = copy && !copy.persistent ? copy.frame : undefined
    return {
      seen: `The handler for '${task}' failed. After the broker restarted, the task wasn't in any of your queues.`,
      looksLike: looksLike ?? (transient && 'copy-not-persistent'),
      show: [fleeting, attempts[0]?.event, copy?.frame, restarted, ...looks(recording, queue)],
      wrong: {
        event: fleeting ?? transient,
        instead: fleeting ? 'durable, because it has to survive a restart' : 'persistent, like the original',
      },
    }
  }
  const short = reached(recording, 'waits') ?? reached(recording, 'looked after the restart')
  if (short || [QUEUE, SINGLE].some((queue) => wasThere(recording, queue))) return short
  return {
    seen: 'When the broker restarted, your queues were empty, so there were no tasks to lose.',
    show: [tasks(recording).named(FAILS).attempts[0]?.event, ...looks(recording, QUEUE)],
  }
}

/** A queue that the broker forgets: that of the copy, or another beside this one. */
function whyForgotten(
  recording: Recording,
  queue: string,
  target: string | undefined,
): { looksLike?: string; fleeting?: FrameEvent } {
  const all = declares(recording)
  const some = [
    ...all.filter(({ fields }) => fields.queue === target).slice(0, 1),
    ...all.filter(({ fields }) => String(fields.queue).startsWith(queue)),
  ]
  const own = some.find(({ fields }) => fields.exclusive || fields.autoDelete)
  if (own) return { looksLike: 'queue-of-its-own', fleeting: own }
  const fleeting = some.find(({ fields }) => fields.durable === false)
  return fleeting ? { looksLike: 'queue-not-durable', fleeting } : {}
}

/** Something was in a queue, or in one that is there for it, between the end of the worker and the restart. */
function wasThere({ events }: Recording, queue: string): boolean {
  const killed = events.findIndex((event) => event.kind === 'process' && event.what === 'signalled')
  const restarted = events.findIndex((event) => event.kind === 'broker' && event.what === 'restarted')
  return events
    .slice(killed, restarted)
    .some(
      (event) =>
        event.kind === 'broker' &&
        event.what === 'queue' &&
        event.data.messages > 0 &&
        (queue === SINGLE) === event.data.queue.startsWith(SINGLE),
    )
}

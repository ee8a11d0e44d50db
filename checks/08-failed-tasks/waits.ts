import {
  awaited,
  first,
  frame,
  isBefore,
  marked,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'
import type { Policy } from './driver.ts'
import { reached, whatMoved } from './evidence.ts'
import { HOT_LOOKS, usualPauseMs, waitingQueue } from './queues.ts'
import { FAILS, NAMELESS, ONCE, QUEUE, TWINS } from './scenarios.ts'

/** Whether the next attempt waits, and what else is done meanwhile. */

/** A worker that looks at the task every now and then pauses for longer than this between two looks. */
const HOT_MS = 40

/** An attempt came before retryDelayMs had passed, on the clock of the process itself; or the task went round and round. */
export function cameTooSoon(recording: Recording, { retryDelayMs }: Policy): Shortfall | undefined {
  return (
    first([FAILS, ONCE, ...NAMELESS], (task) => tooSoon(recording, task, retryDelayMs)) ??
    inALoop(recording, retryDelayMs)
  )
}

function tooSoon(recording: Recording, task: string, retryDelayMs: number): Shortfall | undefined {
  const { attempts } = tasks(recording).named(task)
  for (const [at, attempt] of attempts.entries()) {
    const before = attempts[at - 1]
    const gap = before && (attempt.atMs ?? 0) - (before.atMs ?? 0)
    if (gap === undefined || gap >= retryDelayMs * 0.9) continue
    return {
      seen: `retryDelayMs was ${retryDelayMs}, but attempt ${at + 1}${task === FAILS ? '' : ` at '${task}'`} started ${gap} ms after attempt ${at}.`,
      looksLike: goesBackAtOnce(recording, task, attempt.event) ? 'no-wait' : 'wait-too-short',
      show: [before?.event, waitingQueue(recording), ...whatMoved(recording, task, before, attempt), attempt.event],
      wrong: { event: attempt.event, instead: `nothing yet, because retryDelayMs is ${retryDelayMs}` },
    }
  }
  return undefined
}

/** The task went round and round when it should have been waiting. */
function inALoop(recording: Recording, retryDelayMs: number): Shortfall | undefined {
  const { deliveries } = tasks(recording).named(FAILS)
  const [once, again] = deliveries
  if (deliveries.length < HOT_LOOKS || usualPauseMs(recording, FAILS) > HOT_MS) return undefined
  const seconds = ((deliveries.at(-1)?.ms ?? 0) - (once?.ms ?? 0)) / 1000
  return {
    seen: `'${FAILS}' was delivered ${deliveries.length} times in ${seconds.toFixed(1)} s when it should have been waiting for its next attempt.`,
    looksLike: 'hot-loop',
    show: [once?.frame, tasks(recording).settlements.find(({ requeue }) => requeue)?.frame, again?.frame],
    wrong: { event: again?.frame, instead: `nothing yet, because retryDelayMs is ${retryDelayMs}` },
  }
}

/** Before that, the task was given back, or its copy went straight to its queue. */
function goesBackAtOnce(recording: Recording, task: string, event: RecordedEvent): boolean {
  const copy = tasks(recording)
    .named(task)
    .copies.findLast(({ frame }) => isBefore(recording, frame, event))
  return copy === undefined || [QUEUE, TWINS].includes(copy.routingKey)
}

/** Its handler was never called. What is missing after that is told where it belongs. */
export function neverTried(recording: Recording): Shortfall | undefined {
  if (tasks(recording).named(FAILS).attempts.length > 0) return undefined
  return reached(recording, 'all settled') ?? reached(recording, 'waits')
}

/** While a failed task waited, another one was not worked on. */
export function stoodInTheWay(recording: Recording, other: string): Shortfall | undefined {
  if (!marked(recording, 'others had their chance')) return undefined
  const { delivery, isDone } = tasks(recording).named(other)
  if (isDone) return undefined
  const failed = tasks(recording).named(FAILS)
  const close = frame(recording, 'channel.close') ?? frame(recording, 'connection.close')
  return {
    seen: `While '${FAILS}' was waiting for its next attempt, '${other}' ${delivery ? "was delivered, but your service didn't pass it to a handler" : "wasn't even delivered"}.`,
    looksLike: close ? undefined : 'waits-in-the-way',
    show: [
      frame(recording, 'basic.qos'),
      failed.delivery?.frame,
      failed.attempts[0]?.event,
      delivery?.frame,
      awaited(recording),
    ],
    wrong: { event: awaited(recording), instead: `the handler starts on '${other}'` },
  }
}

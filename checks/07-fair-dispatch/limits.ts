import {
  type Attempt,
  awaited,
  closed,
  closing,
  type Delivery,
  type FrameEvent,
  findings,
  frames,
  isBefore,
  marked,
  markOf,
  notReached,
  outstanding,
  type Recording,
  type Shortfall,
  tasks,
  times,
  until,
} from '../../lab/check/evidence.ts'
import { AFTER_WORK, withNoAck } from '../shared/consumer.ts'
import { leftUndone } from '../shared/redelivered.ts'
import { leftItsTwin } from '../shared/twins.ts'
import { reached } from './evidence.ts'
import { AT_ONCE, EACH, FLOOD, inHand, LIMITS, SHARED_TASKS, sentTo } from './scenarios.ts'

/** How many tasks a service holds: too many, too few, or those of another consumer. */

const consumes = (recording: Recording) => frames(recording, 'basic.consume')
const limits = (recording: Recording) => frames(recording, 'basic.qos')

/** The delivery that was one too many, on one connection or at all. */
function oneTooMany(recording: Recording, limit: number, connection?: number): Delivery | undefined {
  const { deliveries, settlements } = tasks(recording)
  let sent = 0
  return deliveries
    .filter((each) => connection === undefined || each.connection === connection)
    .find((each) => {
      const done = settlements.filter(
        ({ frame }) => frame.connection === each.connection && isBefore(recording, frame, each.frame),
      )
      return ++sent - done.reduce((count, { tags }) => count + tags.length, 0) > limit
    })
}

/** More tasks than the limit were unacknowledged, and why that may be. */
export function heldTooMany(recording: Recording): Shortfall | undefined {
  const [consume, ...more] = consumes(recording)
  const { deliveries, noAckConsume } = tasks(recording)
  const [first] = deliveries
  if (noAckConsume) {
    return {
      seen: `The limit was ${AT_ONCE}, but the broker sent ${times(deliveries.length, 'task')} to your service at once.`,
      looksLike: 'no-ack',
      show: [...limits(recording), noAckConsume, first?.frame, deliveries[AT_ONCE]?.frame],
      wrong: withNoAck(recording),
    }
  }
  const extra = oneTooMany(recording, AT_ONCE)
  if (!consume || !extra) return undefined
  return {
    seen: `The limit was ${AT_ONCE}, but ${outstanding(recording).most} of the ${FLOOD.length} tasks were unacknowledged at once.`,
    show: [...limits(recording), consume, ...more, first?.frame, extra.frame],
    ...whyTooMany(recording, consume, more),
  }
}

function whyTooMany(
  recording: Recording,
  consume: FrameEvent,
  [another]: FrameEvent[],
): Pick<Shortfall, 'looksLike' | 'wrong'> {
  if (another) {
    return {
      looksLike: 'several-consumers',
      wrong: { event: another, instead: 'no second consumer, because one is enough' },
    }
  }
  const [qos] = limits(recording)
  if (!qos) {
    const instead = `basic.qos with a prefetchCount of ${AT_ONCE} before basic.consume`
    return { looksLike: 'no-limit', wrong: { event: consume, instead } }
  }
  if (qos.channel !== consume.channel || qos.connection !== consume.connection) {
    const instead = `basic.qos on channel ${consume.channel}, where the consumer is`
    return { looksLike: 'limit-elsewhere', wrong: { event: qos, instead } }
  }
  if (isBefore(recording, consume, qos)) {
    return { looksLike: 'limit-too-late', wrong: { event: qos, instead: 'basic.qos before basic.consume' } }
  }
  if (qos.fields.prefetchCount === AT_ONCE) return {}
  return { looksLike: 'other-number', wrong: { event: qos, instead: `a prefetchCount of ${AT_ONCE}` } }
}

/** The slow worker kept more than its share from the fast one beside it. */
export function keptFromOthers(recording: Recording): Shortfall | undefined {
  const [slow, fast] = consumes(recording)
  const all = tasks(recording)
  if (!slow || all.noAckConsume) return undefined
  const early = all.acks.find(({ settlement }) => settlement.connection === slow.connection)
  if (early?.own) {
    const { settlement, own } = early
    return {
      seen: `A slow worker acknowledged '${own.body}' before finishing any task, so the broker sent it another one, although a second worker was idle.`,
      looksLike: 'acks-early',
      show: [own.frame, all.named(own.body).attempts[0]?.event, settlement.frame],
      wrong: { event: settlement.frame, instead: AFTER_WORK },
    }
  }
  const extra = oneTooMany(recording, EACH, slow.connection)
  if (extra) {
    const held = outstanding(recording, { connection: slow.connection }).most
    return {
      seen: `A slow worker with a limit of ${EACH} had ${held} of ${times(SHARED_TASKS.length, 'task')} in flight, which left ${SHARED_TASKS.length - held || 'none'} for the fast worker.`,
      looksLike: limits(recording).length === 0 ? 'no-limit' : undefined,
      show: [...limits(recording), slow, extra.frame],
    }
  }
  if (hadWork(recording)) return undefined
  const close = closing(recording)
  if (fast && close) {
    return {
      seen: `A second worker tried to consume from the same queue. ${closed(close)}`,
      looksLike: slow.fields.exclusive === true ? 'wants-the-queue-alone' : undefined,
      show: [slow, fast, close],
      wrong: { event: slow, instead: 'without exclusive, because the queue is for all workers' },
    }
  }
  return reached(recording, 'the fast one had its time')
}

/** The fast worker got something to do. */
function hadWork(beside: Recording): boolean {
  return tasks(beside).attempts.some(({ student }) => student === 2)
}

/** The slow worker was killed, and the fast one did not do what it had in hand. */
export function notTakenOver(recording: Recording): Shortfall | undefined {
  const killed = markOf(recording, 'the slow one is killed')
  if (!killed) return notReached("the second worker didn't get that far")
  const left = inHand(until(recording, killed))
  if (left.length === 0) return notReached('the killed worker had no task')
  return leftUndone(recording, left)
}

/** Nothing speaks against the service, but did it get that far at all? */
export function neverDelivered(flood: Recording, beside: Recording): Shortfall | undefined {
  const idle = hadWork(beside) ? undefined : { seen: 'A second worker started, but there were no tasks left for it.' }
  return reached(flood, 'has all that it may have') ?? idle
}

/** The handlers that had begun before the lab let one end. */
export function atOnce(recording: Recording): Attempt[] {
  const { attempts, finishes } = tasks(recording)
  return attempts.filter(({ event }) => isBefore(recording, event, finishes[0]?.event))
}

/** Fewer handlers than the limit were at work although more tasks waited. */
export function tooFewAtOnce(recording: Recording): Shortfall | undefined {
  const working = atOnce(recording)
  if (!marked(recording, 'has all that it may have') || working.length >= AT_ONCE) return undefined
  const { deliveries, finishes } = tasks(recording)
  const [qos] = limits(recording)
  const vain = awaited(recording)
  const held = deliveries.filter(({ ms }) => ms <= (finishes[0]?.event.ms ?? Infinity))
  const enough = held.length >= AT_ONCE
  const isOther = !enough && qos !== undefined && qos.fields.prefetchCount !== AT_ONCE
  return {
    seen: `The limit was ${AT_ONCE}, and ${FLOOD.length} tasks were waiting. ${enough ? `${times(held.length, 'task')} had been delivered, but only` : `Only ${times(held.length, 'task')} had been delivered, and`} ${working.length === 1 ? '1 handler was' : `${working.length} handlers were`} running.`,
    looksLike: enough ? 'one-at-a-time' : isOther ? 'other-number' : undefined,
    show: [qos, consumes(recording)[0], ...working.map(({ event }) => event), vain],
    wrong: isOther
      ? { event: qos, instead: `a prefetchCount of ${AT_ONCE}` }
      : { event: vain, instead: `${AT_ONCE} handlers running at once` },
  }
}

/** A task was done, and none came in its place. */
export function stalled(recording: Recording): Shortfall | undefined {
  if (leftItsTwin(recording, 'finished some')) return notReached('a task that was done was never acknowledged')
  const all = tasks(recording)
  const [first] = all.finishes
  const [task] = first?.tasks ?? []
  if (task === undefined || !marked(recording, 'finished some') || !awaited(recording)) return undefined
  const { acks, delivery } = all.named(task)
  const ack = acks[0]?.settlement.frame
  return {
    seen: `'${task}' was done while ${AT_ONCE - 1} handlers were still running. Your service didn't acknowledge it${ack ? ' until those handlers had finished too' : ''}, so the broker didn't send another task.`,
    looksLike: all.settlements.length === 0 ? 'never-acks' : ack && 'waits-for-the-batch',
    show: [delivery?.frame, first?.event, awaited(recording), ack],
    wrong: ack && { event: ack, instead: 'an ack as soon as this task is done' },
  }
}

/** Two consumers on one channel did not have a limit each. */
export function sharedTheirLimit(recording: Recording): Shortfall | undefined {
  const show = [...limits(recording), ...consumes(recording)]
  const global = limits(recording).find(({ fields }) => fields.global === true)
  const short = sentTo(recording).find(({ count, limit }) => count < limit)
  const two = `Two consumers shared one channel, with limits of ${LIMITS.join(' and ')}.`
  if (global) {
    return {
      seen: short
        ? `${two} The consumer of '${short.queue}' could have only ${times(short.count, 'task')} in flight.`
        : 'Your service set one limit for the whole channel, but there are two consumers on it.',
      looksLike: 'limit-for-the-channel',
      show,
      wrong: { event: global, instead: 'without global, so that each consumer gets its own limit' },
    }
  }
  const both = markOf(recording, 'both have begun')
  const close = closing(both ? until(recording, both) : recording)
  if (close) {
    const [first, second] = consumes(recording)
    const isSame = second && first?.fields.consumerTag !== '' && first?.fields.consumerTag === second.fields.consumerTag
    return {
      seen: `Your service started a second consumer on the channel. ${closed(close)}`,
      looksLike: isSame ? 'same-tag-again' : undefined,
      show: [...consumes(recording), close],
      wrong: { event: second, instead: 'without a consumerTag, so that the broker creates one' },
    }
  }
  if (findings(recording).length > 0 || !marked(recording, 'both have begun')) return undefined
  const idle = sentTo(recording).find(({ begun, limit }) => begun < limit)
  if (!short && idle) {
    return {
      seen: `${two} The consumer of '${idle.queue}' received ${times(idle.count, 'task')}, but your service called its handler for only ${idle.begun} of them.`,
      looksLike: 'one-at-a-time',
      show,
    }
  }
  if (!short) return undefined
  const last = limits(recording).at(-1)
  return {
    seen: `${two} The consumer of '${short.queue}' received only ${times(short.count, 'task')}, although more were waiting and its limit was ${short.limit}.`,
    looksLike: last?.fields.prefetchCount === short.limit ? 'limit-too-late' : 'other-number',
    show,
  }
}

import { closing, marked, notReached, type Recording, type Shortfall, tasks, times } from '../../lab/check/evidence.ts'
import { AFTER_WORK, lookOf, missing, reachedBy, withNoAck } from '../shared/consumer.ts'
import { FAILS } from '../shared/consumer-scenarios.ts'
import { hasNotGoneOn, lostWhenFailed } from '../shared/failed.ts'
import { othersStopped } from '../shared/others-stopped.ts'
import { doneInstead } from '../shared/redelivered.ts'
import { leftItsTwin } from '../shared/twins.ts'
import { FLOOD } from './scenarios.ts'

export function reached(recording: Recording, mark: string): Shortfall | undefined {
  return reachedBy(recording, mark, ['consume', 'consumeFairly'])
}

/** A task was acknowledged while its handler worked, or was lost with its worker. */
export function earlyOrLost(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  const known = all.namesTasksOtherwise ? FLOOD.filter((task) => all.named(task).attempts.length > 0) : FLOOD
  const unfinished = known.filter((task) => !all.finishes.some(({ tasks }) => tasks.includes(task)))
  const lost = missing(recording, unfinished)
  const was = lost.length === 1 ? 'was' : 'were'
  if (lost.length > 0 && all.noAckConsume) {
    return {
      seen: `After the lab killed your worker, ${lost.length === unfinished.length ? 'none' : `only ${unfinished.length - lost.length}`} of the ${unfinished.length} unfinished tasks were in the queue.`,
      looksLike: 'no-ack',
      show: [all.noAckConsume, all.deliveries[0]?.frame, lookOf(recording)],
      wrong: withNoAck(recording),
    }
  }
  const early = all.earlyAck
  if (early) {
    return {
      seen: `Your service acknowledged '${early.delivery.body}' while its handler was still working on it.${doneInstead(recording, early.settlement)}${lost.length > 0 ? ` When the lab killed the worker, ${times(lost.length, 'unfinished task')} ${was} lost.` : ''}`,
      looksLike: 'acks-early',
      show: [early.delivery.frame, early.began, early.settlement.frame],
      wrong: { event: early.settlement.frame, instead: AFTER_WORK },
    }
  }
  const [first] = lost
  // What another's ack covered is told where the tags are judged.
  if (all.ackOfOthers) return notReached('one ack had covered several tasks')
  if (first === undefined) return undefined
  return {
    seen: `After the lab killed your worker, ${times(lost.length, 'unfinished task')} ${was} missing from the queue${lost.length > 1 ? ', including' : ':'} '${first}'.`,
    show: [all.named(first).delivery?.frame, lookOf(recording)],
  }
}

/** Instead of a tick where the worker did not come so far that its tasks were acknowledged one by one. */
export function finishedNone(recording: Recording): Shortfall | undefined {
  if (marked(recording, 'finished some')) return undefined
  return notReached(closing(recording) ? 'the channel had been closed' : 'your process had ended')
}

/** A handler had resolved, and no ack came for its task. */
export function neverAcked(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  if (!marked(recording, 'finished some') || closing(recording)) return undefined
  const never = all.finishes
    .flatMap(({ tasks }) => tasks)
    .find((task) => FLOOD.includes(task) && !all.named(task).isAcked)
  if (never === undefined) return leftItsTwin(recording, 'finished some')
  const { delivery, done } = all.named(never)
  return {
    seen: `The handler for '${never}' resolved, but your service never acknowledged the task.`,
    looksLike: all.settlements.length === 0 ? 'never-acks' : undefined,
    show: [delivery?.frame, done],
  }
}

/** A task whose handler failed was acknowledged, or neither done later nor in the queue again. */
export function notBroughtBack(recording: Recording, what: string): Shortfall | undefined {
  return (
    lostWhenFailed(recording, { task: FAILS, what }) ??
    reached(recording, 'failed') ??
    reached(recording, 'looked into the queue') ??
    hasNotGoneOn(recording)
  )
}

/** The process, the channel or the other tasks did not go on when a handler failed. */
export function stoppedBy(recording: Recording, what: string): Shortfall | undefined {
  const failed = `The handler for '${FAILS}' ${what}`
  const failures = tasks(recording).named(FAILS).attempts.length
  const stopped = othersStopped(recording, failed, {
    after: failures > 1 ? `${failed} ${failures === 2 ? 'twice' : `${failures} times`}` : failed,
    looksLike: (delivery) => delivery && 'place-not-freed',
  })
  return stopped ?? reached(recording, 'went on')
}

import {
  by,
  closing,
  type FrameEvent,
  findings,
  isBefore,
  marked,
  notReached,
  type Published,
  type Recording,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'
import { lookOf, missing, withNoAck } from './consumer.ts'

/** What becomes of a task whose handler failed. */

export interface Failed {
  task: string
  /** How its handler failed: 'rejected', 'threw'. */
  what: string
}

/** A failed task was acknowledged, or was in no queue in the end. `then` begins the sentence on what came after n failures. */
export function lostWhenFailed(
  recording: Recording,
  { task, what }: Failed,
  then: (failures: number) => string = () => '. The task',
): Shortfall | undefined {
  const all = tasks(recording)
  const { attempts, acks, copies, delivery } = all.named(task)
  const finishes = all.finishes.filter((finish) => finish.tasks.includes(task))
  const done = finishes.filter(({ how }) => how === 'resolve').length
  const rejected = all.finishes.find(({ how }) => how === 'reject')?.event
  const look = lookOf(recording)
  const [ack] = acks
  if (ack && acks.length > done) {
    const { frame } = ack.settlement
    const early = rejected !== undefined && isBefore(recording, frame, rejected)
    const [copy] = early ? [] : copies
    if (copy) return publishedAnew({ task, what }, [delivery?.frame, attempts[0]?.event, rejected], copy, frame)
    return {
      seen: `The handler for '${task}' ${what}, but your service ${early ? 'had already acknowledged the task' : 'acknowledged the task anyway'}, so it's lost.`,
      looksLike:
        ack.own?.body !== task
          ? 'acks-others'
          : attempts[0]?.action === 'reject-with-empty-text'
            ? 'expects-an-error'
            : early
              ? 'acks-early'
              : 'acks-failed',
      show: [delivery?.frame, attempts[0]?.event, frame, rejected, look],
      wrong: { event: frame, instead: 'no ack, because a failed task has to come back' },
    }
  }
  if (!marked(recording, 'failed') || done > 0 || missing(recording, [task]).length === 0) return undefined
  const dropped = all.settlements.find(({ requeue, tags }) => requeue === false && tags.length > 0)
  return {
    seen: `The handler for '${task}' ${what}${then(attempts.length)} was never passed to a handler again, and it wasn't in the queue once the worker was gone, so it's lost.`,
    looksLike: all.isWithoutAcks ? 'no-ack' : dropped && 'drops-failed',
    show: [all.noAckConsume, delivery?.frame, attempts.at(-1)?.event, rejected, dropped?.frame, look],
    wrong: all.isWithoutAcks
      ? withNoAck(recording)
      : dropped && { event: dropped.frame, instead: 'requeue true, so that the broker delivers the task again' },
  }
}

/** A failed task was acknowledged, and a copy of it published. */
function publishedAnew(
  { task, what }: Failed,
  before: Shortfall['show'] & {},
  { frame: copy, persistent, routingKey }: Published,
  ack: FrameEvent,
): Shortfall {
  return {
    seen: `The handler for '${task}' ${what}. Your service published a ${persistent ? '' : 'non-persistent '}copy of the task to '${routingKey}' and acknowledged the original.`,
    looksLike: 'republishes-failed',
    show: [...before, copy, ack],
    wrong: { event: ack, instead: 'no ack, because the failed task itself has to come back' },
  }
}

/** Instead of a tick for what became of a failed task where not even the other tasks went on: why that is. */
export function hasNotGoneOn(recording: Recording): Shortfall | undefined {
  if (marked(recording, 'went on')) return undefined
  if (findings(recording).length > 0) return notReached('your process had ended')
  const close = closing(recording)
  return notReached(
    close
      ? `${by(close).toLowerCase()} had closed the ${close.method === 'connection.close' ? 'connection' : 'channel'}`
      : 'the other tasks stopped as well',
  )
}

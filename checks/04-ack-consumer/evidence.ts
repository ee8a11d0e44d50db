import {
  atBroker,
  awaited,
  type BrokerEvent,
  closing,
  type Delivery,
  frame,
  frames,
  isBefore,
  marked,
  markOf,
  notReached,
  type Recording,
  type Settlement,
  type Shortfall,
  tasks,
  times,
  until,
} from '../../lab/check/evidence.ts'
import { AFTER_WORK, withNoAck } from '../shared/consumer.ts'
import { FAILS, OTHER } from '../shared/consumer-scenarios.ts'
import { othersStopped } from '../shared/others-stopped.ts'
import { doneInstead, leftUndone } from '../shared/redelivered.ts'
import { BESIDE, KILLED, MOMENTS_MS } from './scenarios.ts'

/**
 * Tasks whose handlers still worked were gone when the worker was.
 *
 * @param atOnce what is known of tasks that were acknowledged early where the clocks are as usual
 */
export function lostWithItsWorker(recording: Recording, atOnce?: Shortfall): Shortfall | undefined {
  const held = heldAfter(recording)
  const left = held?.data.messages ?? KILLED.length
  if (left >= KILLED.length) return undefined
  const all = tasks(recording)
  const ack = all.settlements.find(({ kind, tags }) => kind === 'ack' && tags.length > 0)?.frame
  const isDeadline = ack !== undefined && all.earlyAck?.began !== undefined && atOnce === undefined
  return {
    seen: `${isDeadline ? 'The lab made the clock of your process run fast. ' : ''}${ack ? `${firstAck(recording)} ` : ''}The lab killed your worker while it was working. None of the ${KILLED.length} tasks was done, but ${left === 0 ? 'the queue was empty, so all of them were lost' : `the queue contained only ${left} of them, so the others were lost`}.`,
    looksLike: all.isWithoutAcks ? 'no-ack' : isDeadline ? 'acks-at-a-deadline' : ack && 'acks-early',
    show: [all.noAckConsume, all.deliveries[0]?.frame, all.attempts[0]?.event, ack, held],
    wrong: all.isWithoutAcks ? withNoAck(recording) : { event: ack, instead: AFTER_WORK },
  }
}

/** What the broker held when the first worker was gone, and before the second one came. */
function heldAfter(recording: Recording): BrokerEvent<'queue'> | undefined {
  const mark = markOf(recording, 'killed')
  return mark && atBroker(until(recording, mark), 'queue').at(-1)
}

/** The first worker had left its tasks in the queue, and another one did not do them. */
export function notDoneByAnother(recording: Recording): Shortfall | undefined {
  if (lostWithItsWorker(recording)) return notReached("the killed worker hadn't left all its tasks in the queue")
  return leftUndone(recording, KILLED)
}

/** When the first task was acknowledged: none was done by then. */
function firstAck(recording: Recording): string {
  const ack = tasks(recording).acks.find(({ own }) => own)
  if (!ack?.own) return ''
  const isBegun = tasks(recording).named(ack.own.body).attempts.length > 0
  return `Your service acknowledged '${ack.own.body}' ${after(ack.own, ack.settlement)}, ${isBegun ? 'before the handler had finished' : 'before it called the handler'}.`
}

/** A task was acknowledged before its handler had ended. */
export function ackedEarly(recording: Recording): Shortfall | undefined {
  const killed = markOf(recording, 'killed')
  const early = tasks(killed ? until(recording, killed) : recording).earlyAck
  if (!early) return undefined
  const { delivery, settlement, began } = early
  return {
    seen: `Your service acknowledged '${delivery.body}' ${after(delivery, settlement)}, while the handler was still working on it.${doneInstead(recording, settlement)}`,
    looksLike: 'acks-early',
    show: [delivery.frame, began, settlement.frame],
    wrong: { event: settlement.frame, instead: AFTER_WORK },
  }
}

function after(delivery: Delivery, { ms }: Settlement): string {
  return `${Math.max(0, ms - delivery.ms).toFixed(0)} ms after it arrived`
}

/** The handler of the first task that the lab let succeed had ended, and no ack came. */
export function neverAcked(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  const [first] = all.finishes
  const task = first?.tasks[0]
  if (task === undefined) return undefined
  if (all.named(task).isAcked) return ackedWithOthers(recording, task)
  if (all.isWithoutAcks) {
    return {
      seen: "Your service doesn't acknowledge any tasks, because its consumer told the broker not to expect acks.",
      looksLike: 'no-ack',
      show: [all.noAckConsume, all.deliveries[0]?.frame],
      wrong: withNoAck(recording),
    }
  }
  if (!marked(recording, 'finished one') || closing(recording)) return undefined
  const nack = all
    .named(task)
    .settlements.find(({ kind, frame }) => kind !== 'ack' && isBefore(recording, first?.event, frame))
  if (nack) {
    return {
      seen: `The handler for '${task}' resolved, but your service responded with ${nack.frame.method} instead of an ack.`,
      looksLike: 'takes-success-for-failure',
      show: [all.named(task).delivery?.frame, first?.event, nack.frame],
      wrong: { event: nack.frame, instead: 'basic.ack, because the work is done' },
    }
  }
  return {
    seen: `The handler for '${task}' resolved, but ${MOMENTS_MS / 1000} s later your service still hadn't acknowledged the task.`,
    looksLike: all.settlements.length === 0 ? 'never-acks' : undefined,
    show: [all.named(task).delivery?.frame, first?.event, awaited(recording)],
    wrong: { event: awaited(recording), instead: "basic.ack with the task's delivery tag" },
  }
}

/** The ack of the first task that was done came, but not until others were done. */
function ackedWithOthers(recording: Recording, task: string): Shortfall | undefined {
  const [first, second] = tasks(recording).finishes
  const ack = tasks(recording).named(task).acks[0]?.settlement.frame
  const vain = awaited(recording)
  if (!ack || !vain || !second || isBefore(recording, vain, first?.event) || isBefore(recording, ack, second.event)) {
    return undefined
  }
  return {
    seen: `The handler for '${task}' resolved, but ${MOMENTS_MS / 1000} s later your service still hadn't acknowledged the task. It didn't send the ack until the handlers for other tasks had finished too.`,
    looksLike: 'waits-for-the-batch',
    show: [tasks(recording).named(task).delivery?.frame, first?.event, vain, second.event, ack],
    wrong: { event: vain, instead: "basic.ack with this task's delivery tag, whatever the other tasks do" },
  }
}

/** A second consumer, on a channel of its own, did not do its task. */
export function leftBeside(recording: Recording): Shortfall | undefined {
  const { attempts, delivery, done, isAcked } = tasks(recording).named(BESIDE)
  if (isAcked || delivery?.noAck) return undefined
  const what =
    attempts.length > 0 ? 'its handler had resolved, but there was no ack for it' : 'no handler was called with it'
  return {
    seen: `Your service had started a second consumer in the same process, on another channel. '${BESIDE}' ${delivery ? `was delivered to it, and ${what}` : 'was never delivered to it'}.`,
    looksLike: delivery && 'one-for-all',
    show: [...frames(recording, 'basic.consume'), delivery?.frame, done, awaited(recording)],
    wrong: { event: awaited(recording), instead: 'the second consumer works as the first one does' },
  }
}

/** The first task that the lab let succeed was acknowledged. */
export function ackedOne(recording: Recording): boolean {
  const task = tasks(recording).finishes[0]?.tasks[0]
  return task !== undefined && tasks(recording).named(task).isAcked
}

/** How the sentence on a task that was lost goes on after `failures` of its handler. */
export function thenAfter(failures: number): string {
  return failures > 1
    ? ` ${failures === 2 ? 'twice' : times(failures, 'time')}. After that, the task`
    : '. After that, the task'
}

/** The process, the channel or the other tasks did not go on when a handler failed. */
export function stoppedBy(recording: Recording, what: string): Shortfall | undefined {
  const failed = `The handler for '${FAILS}' ${what}`
  const all = tasks(recording)
  const limit = frame(recording, 'basic.qos')
  const stopped = othersStopped(recording, failed, {
    looksLike: (delivery) => (delivery ? 'blocks-the-line' : limit && 'blocks-the-prefetch'),
    show: limit,
  })
  if (stopped) return stopped
  const vain = awaited(recording)
  if (!vain || all.attempts.length === 0 || all.settlements.length > 0) return undefined
  return {
    seen: `${failed}. Your service completed the other tasks, but didn't acknowledge them.`,
    looksLike: 'never-acks',
    show: [all.named(OTHER).delivery?.frame, vain],
    wrong: { event: vain, instead: "basic.ack with the task's delivery tag" },
  }
}

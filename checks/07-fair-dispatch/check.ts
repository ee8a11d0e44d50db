import { check, expectation, step } from '../../lab/check/check.ts'
import { closing, frame, marked, notReached, tasks } from '../../lab/check/evidence.ts'
import { answeredOtherwise, diedWithItsChannel, diedWithItsQueue, otherTag, otherText } from '../shared/consumer.ts'
import { answeredElsewhere, handledElsewhere } from '../shared/one-for-all.ts'
import { earlyOrLost, finishedNone, neverAcked, notBroughtBack, reached, stoppedBy } from './evidence.ts'
import {
  atOnce,
  heldTooMany,
  keptFromOthers,
  neverDelivered,
  notTakenOver,
  sharedTheirLimit,
  stalled,
  tooFewAtOnce,
} from './limits.ts'
import {
  AT_ONCE,
  beside,
  cancelled,
  emptyText,
  FLOOD,
  flood,
  late,
  onOneChannel,
  rejects,
  throws,
} from './scenarios.ts'

export default check('07-fair-dispatch', [
  step(
    'It holds no more than it can handle',
    expectation(
      'holds no more than `prefetch` tasks, and leaves the others to faster workers',
      [flood, beside],
      (flood, beside) => heldTooMany(flood) ?? keptFromOthers(beside) ?? neverDelivered(flood, beside),
    ),

    expectation('works on `prefetch` tasks at once if there are that many', flood, (recording) => {
      // A channel that was closed is told where the acks are judged.
      const isTold = atOnce(recording).length >= AT_ONCE && closing(recording) !== undefined
      return (
        tooFewAtOnce(recording) ??
        stalled(recording) ??
        (isTold ? finishedNone(recording) : reached(recording, 'finished some'))
      )
    }),
  ),

  step(
    'Every consumer has a limit of its own',
    expectation('has its own limit beside another consumer on its channel', onOneChannel, (recording) => {
      return sharedTheirLimit(recording) ?? reached(recording, 'both have begun')
    }),
  ),

  step(
    'A task is done when its work is done',
    expectation(
      'acknowledges only what is done: a failed task comes back',
      [flood, rejects, throws, emptyText],
      (flood, rejects, throws, bare) =>
        earlyOrLost(flood) ??
        reached(flood, 'has all that it may have') ??
        reached(flood, 'looked into the queue') ??
        neverAcked(flood) ??
        notBroughtBack(rejects, 'rejected') ??
        notBroughtBack(throws, 'threw') ??
        notBroughtBack(bare, "rejected with ''") ??
        finishedNone(flood),
    ),

    expectation('passes each task to its handler as UTF-8 text', flood, (recording) => {
      if (tasks(recording).attempts.length === 0) return reached(recording, 'has all that it may have')
      return otherText(recording, FLOOD)
    }),

    expectation('finishes in another worker what a killed one left undone', beside, (recording) => {
      return notTakenOver(recording) ?? reached(recording, 'taken over')
    }),

    expectation("never acknowledges a task twice, or with another's ack", [flood, onOneChannel], (flood, more) => {
      return (
        answeredOtherwise(flood) ??
        answeredElsewhere(more) ??
        handledElsewhere(more) ??
        reached(flood, 'finished some') ??
        (marked(more, 'both have begun')
          ? undefined
          : notReached('the two consumers on one channel had not both started'))
      )
    }),

    expectation('resolves with the consumer tag from the broker', flood, (recording) => {
      const never = frame(recording, 'basic.consume-ok') ? undefined : reached(recording, 'has all that it may have')
      return never ?? otherTag(recording, 'consumeFairly')
    }),
  ),

  step(
    'Handlers fail, queues and channels disappear',
    expectation(
      'goes on with the other tasks when a handler fails',
      [rejects, throws, emptyText],
      (rejects, throws, bare) => {
        return stoppedBy(rejects, 'rejected') ?? stoppedBy(throws, 'threw') ?? stoppedBy(bare, "rejected with ''")
      },
    ),

    expectation(
      'keeps running when its queue is deleted, and when its channel dies',
      [cancelled, late],
      (cancelled, late) =>
        diedWithItsQueue(cancelled) ??
        diedWithItsChannel(late) ??
        reached(cancelled, 'lived on') ??
        reached(late, 'done too late') ??
        reached(late, 'failed too late'),
    ),
  ),
])

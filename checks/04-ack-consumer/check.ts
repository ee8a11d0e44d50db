import { check, expectation, step } from '../../lab/check/check.ts'
import { frame, type Recording, tasks } from '../../lab/check/evidence.ts'
import {
  answeredOtherwise,
  diedWithItsChannel,
  diedWithItsQueue,
  otherTag,
  otherText,
  reachedBy,
} from '../shared/consumer.ts'
import { FAILS } from '../shared/consumer-scenarios.ts'
import { hasNotGoneOn, lostWhenFailed } from '../shared/failed.ts'
import { handledElsewhere } from '../shared/one-for-all.ts'
import { leftItsTwin } from '../shared/twins.ts'
import {
  ackedEarly,
  ackedOne,
  leftBeside,
  lostWithItsWorker,
  neverAcked,
  notDoneByAnother,
  stoppedBy,
  thenAfter,
} from './evidence.ts'
import { cancelled, emptyText, KILLED, killed, late, rejects, several, throws } from './scenarios.ts'

const reached = (recording: Recording, mark: string) => reachedBy(recording, mark, ['consume', 'consumeTasks'])

export default check('04-ack-consumer', [
  step(
    'A task leaves the queue when its work is done',
    expectation('acknowledges a task when its work is done, not before', [killed, several], (killed, several) => {
      const atOnce = ackedEarly(several)
      return (
        lostWithItsWorker(killed, atOnce) ??
        ackedEarly(killed) ??
        atOnce ??
        neverAcked(several) ??
        leftItsTwin(several, 'finished all') ??
        reached(killed, 'in the middle') ??
        reached(killed, 'killed') ??
        (ackedOne(several) ? undefined : reached(several, 'finished one'))
      )
    }),

    expectation('passes each task to its handler as UTF-8 text', killed, (recording) => {
      if (tasks(recording).attempts.length === 0) return reached(recording, 'in the middle')
      return otherText(recording, KILLED)
    }),

    expectation('finishes in another worker what a killed one left undone', killed, (recording) => {
      return notDoneByAnother(recording) ?? reached(recording, 'done by another worker')
    }),
  ),

  step(
    'Each tag is the right one',
    expectation("never acknowledges a task twice, or with another's ack", several, (recording) => {
      return (
        answeredOtherwise(recording) ??
        handledElsewhere(recording) ??
        reached(recording, 'finished all') ??
        leftBeside(recording)
      )
    }),

    expectation('resolves with the consumer tag from the broker', killed, (recording) => {
      const never = frame(recording, 'basic.consume-ok') ? undefined : reached(recording, 'in the middle')
      return never ?? otherTag(recording, 'consumeTasks')
    }),
  ),

  step(
    'A handler may fail',
    expectation('brings back a task whose handler failed', [rejects, throws, emptyText], (rejects, throws, bare) => {
      const lost = (recording: Recording, what: string) =>
        lostWhenFailed(recording, { task: FAILS, what }, thenAfter) ??
        reached(recording, 'failed') ??
        reached(recording, 'looked into the queue') ??
        hasNotGoneOn(recording)
      return lost(rejects, 'rejected') ?? lost(throws, 'threw') ?? lost(bare, "rejected with ''")
    }),

    expectation(
      'goes on with the other tasks when a handler fails',
      [rejects, throws, emptyText],
      (rejects, throws, bare) => {
        const stopped = (recording: Recording, what: string) =>
          stoppedBy(recording, what) ?? reached(recording, 'went on')
        return stopped(rejects, 'rejected') ?? stopped(throws, 'threw') ?? stopped(bare, "rejected with ''")
      },
    ),
  ),

  step(
    'The queue or the channel may disappear',
    expectation('keeps running when its queue is deleted', cancelled, (recording) => {
      return diedWithItsQueue(recording) ?? reached(recording, 'lived on')
    }),

    expectation('keeps running when its channel dies while it works', late, (recording) => {
      return (
        diedWithItsChannel(recording) ?? reached(recording, 'done too late') ?? reached(recording, 'failed too late')
      )
    }),
  ),
])

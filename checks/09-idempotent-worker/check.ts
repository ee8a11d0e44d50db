import { check, expectation, step } from '../../lab/check/check.ts'
import { marked, notReached, tasks } from '../../lab/check/evidence.ts'
import {
  calledOtherwise,
  copyNotAcked,
  doneAgain,
  notDoneAgain,
  notWorkedOnWithoutId,
  reached,
  repeated,
  workedOnBoth,
} from './evidence.ts'
import { begunAgain, long } from './long.ts'
import { lostWithItsStore, lostWithItsWork, outOfOrder, unrememberedAck, workedInDoubt } from './losses.ts'
import {
  again,
  asked,
  FINE,
  FORGOTTEN,
  fails,
  INVOICE,
  KNOWN,
  of,
  REJECTS,
  storeFails,
  THROWS,
  twinFails,
  twins,
  UNSURE,
  unacknowledged,
  unremembered,
  withoutId,
} from './scenarios.ts'

export default check('09-idempotent-worker', [
  step(
    "Work that's done isn't done again",
    expectation(
      'acknowledges a task without doing the work if its ID is in the store',
      [again, unacknowledged],
      (again, unacknowledged) =>
        doneAgain(again, unacknowledged) ??
        copyNotAcked(again) ??
        reached(again, 'each was done') ??
        reached(again, 'came again'),
    ),

    expectation('passes the text of the task and its ID to the handler', again, (recording) => {
      return (
        calledOtherwise(recording) ??
        (tasks(recording).attempts.length > 0 ? undefined : reached(recording, 'each was done'))
      )
    }),
  ),

  step(
    'Work, then remember, then acknowledge',
    expectation(
      'remembers what is done, and acknowledges what is remembered',
      [again, unremembered],
      (again, unremembered) =>
        outOfOrder(again) ??
        outOfOrder(unremembered) ??
        reached(again, 'each was done') ??
        reached(unremembered, 'killed before it was remembered'),
    ),

    expectation('repeats work that was not remembered before it was killed', unremembered, (recording) => {
      if (outOfOrder(recording)) return notReached('the work, add() and the ack came in the wrong order')
      return notDoneAgain(recording) ?? reached(recording, 'done by the second worker')
    }),

    expectation('does not repeat work that was remembered before it was killed', unacknowledged, (recording) => {
      const neverRemembered =
        tasks(recording).attempts.some(({ student }) => student === 2) &&
        asked(recording, 'add', INVOICE.id).length === 0
      // An ack that did not wait for the store is told where the order is judged, too: there is nothing left to repeat.
      const isAcked = marked(recording, 'killed when it was remembered') && of(recording, INVOICE).isAcked
      return (
        repeated(recording) ??
        (neverRemembered ? notReached('nothing had been remembered when the worker was killed') : undefined) ??
        (isAcked && !marked(recording, 'seen by the second worker')
          ? notReached('the task had already been acknowledged when the worker was killed')
          : reached(recording, 'seen by the second worker'))
      )
    }),
  ),

  step(
    'Two copies at the same moment',
    expectation('works once on two copies that arrive at the same moment', [twins, long], (twins, long) => {
      return workedOnBoth(twins) ?? reached(twins, 'both copies were there') ?? begunAgain(long)
    }),
  ),

  step(
    'Work fails, IDs are missing',
    expectation(
      'brings back a task whose work failed, and does not remember it',
      [fails, twinFails],
      (fails, twinFails) =>
        lostWithItsWork(fails, [REJECTS, THROWS]) ??
        lostWithItsWork(twinFails, [REJECTS]) ??
        reached(fails, 'went on') ??
        reached(twinFails, 'went on'),
    ),

    expectation('works on every task that has no ID', withoutId, (recording) => {
      return notWorkedOnWithoutId(recording) ?? reached(recording, 'all were there')
    }),
  ),

  step(
    'The store may fail, too',
    expectation('loses no task when the store rejects, several times in a row', storeFails, (recording) => {
      const all = [UNSURE, FORGOTTEN, FINE]
      return (
        lostWithItsStore(recording, all) ??
        unrememberedAck(recording, all) ??
        workedInDoubt(recording, KNOWN) ??
        reached(recording, 'went on')
      )
    }),
  ),
])

import { check, expectation, step } from '../../lab/check/check.ts'
import { declares, first, marked, notReached, tasks } from '../../lab/check/evidence.ts'
import { transientExchange } from '../shared/exchanges.ts'
import { ackOfOthers } from '../shared/one-for-all.ts'
import { leftUndone } from '../shared/redelivered.ts'
import { emptied } from '../shared/thrown-away.ts'
import { countedTogether, doneButKept, neverAgain, notSettled, otherAside } from './aside.ts'
import { ENDS, reached, triedOtherwise } from './evidence.ts'
import { limited } from './limits.ts'
import { forgotten, lostWithItsBroker, lostWithItsWorker, nowhere } from './losses.ts'
import { consumesTheDead, goesAstray, goesRound } from './queues.ts'
import {
  AFTER,
  again,
  FAILS,
  GOOD,
  HELD,
  killed,
  LAST,
  LONG,
  NAMELESS,
  ONCE,
  POLICY,
  QUEUE,
  SINGLE,
  SINGLE_POLICY,
  TWIN,
  waits,
} from './scenarios.ts'
import { cameTooSoon, neverTried, stoodInTheWay } from './waits.ts'

export default check('08-failed-tasks', [
  step(
    'A bad task gets a few attempts, and is then set aside',
    expectation(
      'calls a handler that always fails maxAttempts times, and then sets the task aside',
      [again, waits],
      (again, waits) =>
        goesAstray(again) ??
        goesAstray(waits) ??
        triedOtherwise(again, QUEUE, FAILS, POLICY) ??
        triedOtherwise(waits, SINGLE, LAST, SINGLE_POLICY),
    ),

    expectation('sets the task aside with the same bytes, and takes it out of its queue', again, otherAside),
  ),

  step(
    'The next attempt comes later',
    expectation('waits retryDelayMs or longer before the next attempt', [again, waits], (again, waits) => {
      return cameTooSoon(again, POLICY) ?? cameTooSoon(waits, LONG) ?? neverTried(again) ?? neverTried(waits)
    }),

    expectation('works on other tasks while a failed one waits', waits, (recording) => {
      return (
        stoodInTheWay(recording, AFTER) ??
        (marked(recording, 'others had their chance') ? undefined : reached(recording, 'waits')) ??
        reached(recording, 'others had their chance')
      )
    }),
  ),

  step(
    'Each task has its own attempts',
    expectation('does not set aside a task that succeeds in the end', again, (recording) => {
      const kept = doneButKept(recording, ONCE) ?? doneButKept(recording, GOOD)
      // A task that goes round in its waiting room is told of before, and where the worker is killed.
      const isTold = tasks(recording).named(ONCE).isDone || goesRound(recording, ONCE, ENDS) !== undefined
      return (
        kept ??
        (isTold ? (reached(recording, 'looked into the queues') ?? notSettled(recording)) : neverAgain(recording, ONCE))
      )
    }),

    expectation('counts the attempts of each task separately', again, (recording) => {
      const { successes, attempts } = tasks(recording).named(TWIN)
      const shared = countedTogether(recording)
      if (shared) return shared
      if (attempts.length > 0 && !tasks(recording).named(ONCE).isDone) return notReached('no task was retried')
      if (successes.length < 2) return neverAgain(recording, TWIN)
      return first(NAMELESS, (task) => (tasks(recording).named(task).isDone ? undefined : neverAgain(recording, task)))
    }),
  ),

  step(
    'At every moment, the task is somewhere',
    expectation('puts the task where it goes next before it acknowledges it', [again, waits], (again, waits) => {
      if (consumesTheDead(again)) return notReached('your service had consumed what it had set aside')
      return (
        nowhere(again, FAILS) ??
        nowhere(waits, FAILS) ??
        nowhere(waits, LAST) ??
        forgotten(again) ??
        neverTried(again) ??
        neverTried(waits)
      )
    }),

    expectation('loses no task when the worker is killed between two attempts', killed, (recording) => {
      return (
        ackOfOthers(recording) ?? emptied(recording) ?? lostWithItsWorker(recording) ?? leftUndone(recording, [HELD])
      )
    }),

    expectation(
      'loses no task when the broker restarts between two attempts',
      waits,
      lostWithItsBroker,
      transientExchange,
    ),

    expectation('keeps every task, however long it waits and however many there are', again, (recording) => {
      return limited(recording) ?? (declares(recording).length > 0 ? undefined : reached(recording, 'all settled'))
    }),
  ),
])

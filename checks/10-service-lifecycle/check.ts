import { check, expectation, step } from '../../lab/check/check.ts'
import { comesTo, each, reached, told } from '../../lab/check/evidence.ts'
import { stoppedAgain, stopRejected } from '../shared/service.ts'
import { keptAlive, stoppedEarly, stopsOnlyAtWork } from './early.ts'
import * as evidence from './evidence.ts'
import { failureStoppedIt, leftForNobody } from './failing.ts'
import { endsOtherwise, endsUnfinished, saysOtherwise } from './program.ts'
import * as played from './scenarios.ts'

const { life, busy, failing, atOnce, waiting, greeting, opening, building, program, terminated, unready } = played

export default check('10-service-lifecycle', [
  step(
    'Ready when it really is',
    expectation('is ready once the broker has accepted its consumer, and not sooner', life, (recording) => {
      const isSettled = told(recording, 'ready').length > 0
      return (
        evidence.noService(recording) ??
        evidence.readyTooEarly(recording) ??
        reached(recording, 'the broker accepts the consumer') ??
        (isSettled ? undefined : reached(recording, 'worked'))
      )
    }),

    expectation('works on the tasks that arrive', life, evidence.ackedEarly, comesTo('worked')),
  ),

  step(
    'It stops without dropping work',
    expectation(
      'starts no task once it has been asked to stop',
      [busy, building],
      each(evidence.beganAfterStop),
      comesTo('the work is done'),
    ),

    expectation(
      'finishes the tasks in progress, and the acks reach the broker',
      busy,
      evidence.endedTooEarly,
      evidence.leftOtherwise,
    ),

    expectation('resolves stop() once everything is done and its connection is closed', busy, (recording) => {
      return (
        stopRejected(recording, 'stop()') ?? evidence.stoppedTooEarly(recording) ?? evidence.closedOtherwise(recording)
      )
    }),

    expectation('still stops when a handler fails', [failing, busy], failureStoppedIt, comesTo('stopped')),

    expectation('leaves a failed task to the next worker', failing, leftForNobody),
  ),

  step(
    'It stops at any moment',
    expectation('can be stopped when it has nothing to do', life, stopsOnlyAtWork, comesTo('stopped')),

    expectation('can be stopped twice, and stops once', busy, stoppedAgain, comesTo('stopped')),

    expectation(
      'can be stopped before it is ready, and then ready rejects',
      [atOnce, waiting, greeting, opening, building],
      each(stoppedEarly),
    ),
  ),

  step(
    'Nothing is left',
    expectation(
      'leaves nothing that keeps the process alive',
      [life, atOnce, waiting, greeting, opening, building],
      each(keptAlive),
      each(comesTo('ended by itself')),
    ),
  ),

  step(
    'As a program',
    expectation('prints the same lines as the service of lesson 05', program, saysOtherwise),

    expectation(
      'stops on SIGINT and on SIGTERM, after finishing its task',
      [program, terminated],
      each(endsUnfinished),
    ),

    expectation(
      'stops on a signal while it waits for its broker, too',
      unready,
      endsOtherwise,
      comesTo('read all that it printed'),
    ),
  ),
])

import { check, expectation, step } from '../../lab/check/check.ts'
import { comesTo, each, type Recording, reached } from '../../lab/check/evidence.ts'
import { notStopped, stillRuns, stoppedAgain } from '../shared/service.ts'
import { givesUpAtFirst, givesUpWhenRefused, hammers, hammersWhenRefused } from './attempts.ts'
import * as evidence from './evidence.ts'
import { MOMENTS_MS } from './plays.ts'
import {
  away,
  building,
  connecting,
  dead,
  deleted,
  failing,
  finishing,
  forced,
  halfOpen,
  opening,
  pausing,
  refused,
  resets,
  restart,
  starting,
  twice,
  waiting,
} from './scenarios.ts'
import { leavesUndone, stopsOtherwise, stopsTooEarly, waitsForTheDead } from './stops.ts'

const staysAway = (recording: Recording) => evidence.staysAway(recording)

export default check('11-recovery', [
  step(
    'It recovers from a lost connection',
    expectation('consumes again after a reset, and after the next one', resets, staysAway, (recording) => {
      return evidence.staysAway(recording, 2)
    }),

    expectation('consumes again when the broker has closed its connection', forced, staysAway),
  ),

  step(
    'It recovers from everything else',
    expectation('consumes again when the broker has restarted', restart, staysAway),

    expectation('consumes again when its queue was deleted', [deleted, twice], (deleted, twice) => {
      return evidence.consumesOnly(deleted) ?? staysAway(deleted) ?? staysAway(twice)
    }),

    expectation(
      'notices a link that died without a word, and consumes again',
      halfOpen,
      evidence.otherHeartbeat,
      staysAway,
    ),
  ),

  step(
    'It recovers once, and completely',
    expectation(
      'has one connection and one consumer afterwards',
      [resets, forced, restart, deleted, halfOpen],
      each(evidence.moreThanOne),
      each(comesTo('counted 1')),
    ),

    expectation('declares its queue and sets its prefetch again', [deleted, resets], (deleted, resets) => {
      return (
        evidence.consumesOnly(deleted) ??
        evidence.declaresOtherwise(deleted) ??
        evidence.forgetsPrefetch(deleted) ??
        evidence.forgetsPrefetch(resets) ??
        reached(evidence.declaredAnew(deleted) ? resets : deleted, 'consumes again 1')
      )
    }),
  ),

  step(
    'No task in progress is lost',
    expectation(
      'gets the tasks done that were in progress',
      [resets, forced, restart, halfOpen],
      each(evidence.forgetsInHand),
      each(comesTo('worked again 1')),
    ),

    expectation(
      'sends no late ack on a channel that its task did not come on',
      [resets, forced],
      each(evidence.acksLate),
      comesTo('the old handlers ended 1'),
      (resets) => evidence.diesOfTheOld(resets) ?? reached(resets, 'the old handlers ended 2'),
    ),
  ),

  step(
    'It waits, and it stops',
    expectation(
      'never gives up, not even after a hundred attempts',
      [away, failing, refused],
      (away, failing, refused) => {
        return (
          evidence.givesUp(away) ??
          evidence.waitsTooLong(away) ??
          givesUpAtFirst(failing) ??
          givesUpWhenRefused(refused)
        )
      },
    ),

    expectation('waits after each attempt that failed', [failing, refused], (failing, refused) => {
      return hammers(failing) ?? hammersWhenRefused(refused) ?? staysAway(failing)
    }),

    expectation(
      'stops at any moment, as in lesson 10',
      [waiting, pausing, connecting, opening, building, forced, finishing],
      each(stopsOtherwise),
      (waiting, _pausing, _connecting, _opening, _building, forced) => leavesUndone(forced) ?? stopsTooEarly(waiting),
    ),

    expectation(
      'can be stopped twice, and before it is ready: then ready rejects',
      [starting, forced],
      (starting, forced) => {
        const early = notStopped(starting, 'The service was waiting for its first connection')
        return early ?? stoppedAgain(forced) ?? reached(starting, 'looked at ready') ?? reached(forced, 'stopped')
      },
    ),

    expectation(
      'leaves nothing behind when it has stopped',
      [starting, waiting, pausing, connecting, opening, building, finishing],
      each((recording) => stillRuns(recording, MOMENTS_MS)),
      each(comesTo('ended by itself')),
    ),

    expectation(
      'stops on a dead link within ten seconds',
      dead,
      evidence.otherHeartbeat,
      waitsForTheDead,
      comesTo('a while after stop()'),
    ),
  ),
])

import { check, expectation, step } from '../../lab/check/check.ts'
import { comesTo, each } from '../../lab/check/evidence.ts'
import * as evidence from './evidence.ts'
import { diedOfLoss, dropsInTime, otherQueue, stopsWithItsNode, throwsTasksAway } from './queue.ts'
import { abortsIt, comesBack, endsIt } from './returned.ts'
import { aborted, declared, down, frozen, hanging, killed, oneUp, shut, without } from './scenarios.ts'

export default check('14-replicated-queue', [
  step(
    'It finds a node that is up',
    expectation('connects to whichever node is up, without a wait', [oneUp, down], evidence.missesTheNode),

    expectation('goes on, round after round, until a node answers', [down, shut], evidence.givesUp),

    expectation('rejects when there is no node to try', without, evidence.waitsForNodes),
  ),

  step(
    'It waits between rounds',
    expectation('waits delayMs or more between two rounds', down, evidence.hasty),

    expectation('never waits longer than maxDelayMs', down, evidence.overslept),

    expectation('tells onRetry about each failed attempt, and keeps counting', down, evidence.miscounted),
  ),

  step(
    'It gives up a node that hangs, and stops when told',
    expectation('gives up a node that says nothing, and tries the next', hanging, evidence.hung),

    expectation('leaves no connection open from an attempt that it gave up', hanging, evidence.leaked),

    expectation(
      'leaves alone the connection that it has returned',
      [hanging, oneUp, declared],
      (hanging, oneUp, declared) => {
        return endsIt(hanging) ?? abortsIt(oneUp) ?? comesBack(declared)
      },
    ),

    expectation('rejects with the reason when it is aborted', aborted, evidence.deafToAbort),
  ),

  step(
    'Its queue is on several nodes',
    expectation('declares a quorum queue', declared, otherQueue),

    expectation('keeps the confirmed tasks when the queue is declared again', declared, throwsTasksAway, dropsInTime),

    expectation('keeps running when the connection is lost', declared, diedOfLoss, comesTo('lived on')),
  ),

  step(
    'A node is lost, but no task',
    expectation(
      'keeps publishing and consuming with one of three nodes gone, and gets every confirmed task',
      [frozen, killed],
      each(stopsWithItsNode),
    ),
  ),
])

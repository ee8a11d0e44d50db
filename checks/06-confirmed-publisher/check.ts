import { check, expectation, step } from '../../lab/check/check.ts'
import { comesTo } from '../../lab/check/evidence.ts'
import { deafToNacks, deafToReturns, deafToTheLoss, keptTheLoss, mixedUp } from './answers.ts'
import { deafToAcks, publishedOtherwise, resolvedByTimer } from './evidence.ts'
import {
  bufferedTooMuch,
  deafToTheClose,
  deafToTheReset,
  didNotGoOn,
  publishedBigOnesOtherwise,
  settledOtherwise,
} from './many.ts'
import { closedWhileStalled, confirms, lost, many, outcomes, patient, resetWhileStalled, stalled } from './scenarios.ts'

export default check('06-confirmed-publisher', [
  step(
    'A task is published when the broker says so',
    expectation("resolves when the broker's ack is there, not before", [confirms, patient], (confirms, patient) => {
      return deafToAcks(confirms) ?? resolvedByTimer(patient)
    }),

    expectation(
      'publishes each task as persistent UTF-8 text to the queue with that name',
      confirms,
      publishedOtherwise,
    ),
  ),

  step(
    'A task that nobody takes is an error',
    expectation('rejects when the broker refuses the task', outcomes, deafToNacks),

    expectation('rejects when no queue takes the task', outcomes, deafToReturns),
  ),

  step(
    'Each call has its own outcome',
    expectation('fails the call whose task was not taken, and no other', outcomes, mixedUp),
  ),

  step(
    'The channel may be lost first',
    expectation('rejects pending calls when the connection is lost, and later ones too', lost, deafToTheLoss),

    expectation('publishes on a new channel after another one was lost', [lost, confirms], keptTheLoss),
  ),

  step(
    'Many tasks, and a slow link',
    expectation('settles 5,000 calls made at once, each with its own outcome', many, settledOtherwise),

    expectation(
      'buffers little while the link is stalled, and carries on afterwards',
      stalled,
      comesTo('measured'),
      publishedBigOnesOtherwise,
      bufferedTooMuch,
      didNotGoOn,
    ),

    expectation(
      'also rejects calls that still wait for room when the channel is lost',
      [closedWhileStalled, resetWhileStalled],
      (closed, reset) => deafToTheClose(closed) ?? deafToTheReset(reset),
    ),
  ),
])

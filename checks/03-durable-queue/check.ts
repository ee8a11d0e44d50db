import { check, expectation, step } from '../../lab/check/check.ts'
import { comesTo, reached } from '../../lab/check/evidence.ts'
import {
  emptiedAnother,
  goneWithItsConnection,
  goneWithItsConsumer,
  heldFewer,
  lostInARestart,
  meddled,
  neverHeld,
  otherReply,
  rejected,
  threwAway,
  tookAnother,
  unusable,
} from './evidence.ts'
import { again, other, restart, visitors } from './scenarios.ts'

export default check('03-durable-queue', [
  step(
    'It outlives the broker',
    expectation(
      'declares a queue that survives a restart, with the tasks in it',
      restart,
      (recording) => unusable(recording, 'filled'),
      lostInARestart,
    ),
  ),

  step(
    'It belongs to nobody',
    expectation(
      'declares a queue that stays when its consumer and its connection go',
      visitors,
      (recording) => unusable(recording, 'declared'),
      goneWithItsConsumer,
      goneWithItsConnection,
      comesTo('connection left'),
    ),
  ),

  step(
    'It can be declared again',
    expectation('leaves the tasks in an existing queue', [again, other], (again, other) => {
      return (
        rejected(again) ??
        threwAway(again) ??
        threwAway(other) ??
        meddled(again) ??
        meddled(other) ??
        heldFewer(again) ??
        emptiedAnother(other) ??
        neverHeld(again) ??
        reached(again, 'declared again') ??
        reached(other, 'ready') ??
        reached(other, 'answered') ??
        reached(other, 'looked')
      )
    }),

    expectation("returns the queue's name and its counts, as the broker has them", again, (recording) => {
      return (
        otherReply(recording, '') ??
        otherReply(recording, ', beside a worker') ??
        rejected(recording) ??
        reached(recording, 'declared beside a worker')
      )
    }),
  ),

  step(
    'It does not accept a queue with different properties',
    expectation("rejects with the broker's error when the queue there has other properties", other, tookAnother),
  ),
])

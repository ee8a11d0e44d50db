import { check, expectation, step } from '../../lab/check/check.ts'
import type { Recording } from '../../lab/check/evidence.ts'
import * as evidence from './evidence.ts'
import { brief, early, int, killed, reborn, stopped, term, up, young } from './scenarios.ts'
import {
  endsWithoutGrace,
  keepsReady,
  leavesTheDeaf,
  leavesTheUnready,
  leftBehind,
  replacesAfterStop,
} from './taken-down.ts'
import { forgivesTooSoon, replacesTooSoon } from './waits.ts'

const comesTo = (mark: string) => (recording: Recording) => evidence.reached(recording, mark)

export default check('13-cluster-up', [
  step(
    'The workers come up',
    expectation('starts a process for each worker, with the settings in its environment', up, evidence.startsOtherwise),

    expectation('is ready when all its workers are, and lists them', up, evidence.listsOtherwise),
  ),

  step(
    'A worker that dies is replaced',
    expectation(
      'replaces a killed worker, while the others carry on and every task gets done',
      killed,
      evidence.replacesOtherwise,
    ),

    expectation(
      'counts a worker as ready only while it is alive',
      reborn,
      evidence.countsOtherwise,
      comesTo('all were ready'),
    ),

    expectation(
      'waits longer each time before it replaces a worker that died early',
      [young, brief],
      (young, brief) => replacesTooSoon(young) ?? forgivesTooSoon(brief),
      (young, brief) => evidence.reached(young, 'one lives') ?? evidence.reached(brief, 'there is a third'),
    ),
  ),

  step(
    'It is taken down',
    expectation('sends each worker SIGTERM, and gives it 3 s or more to finish', [stopped, early], (stopped, early) => {
      return endsWithoutGrace(stopped) ?? leavesTheUnready(early)
    }),

    expectation('uses SIGKILL on a worker that does not react, before stop() resolves', stopped, leavesTheDeaf),

    expectation(
      'starts nothing after stop(), and rejects ready if it was stopped first',
      [early, stopped],
      (early, stopped) => replacesAfterStop(stopped) ?? replacesAfterStop(early) ?? keepsReady(early),
      (_early, stopped) => evidence.reached(stopped, 'in the middle'),
    ),
  ),

  step(
    'Nobody is left behind',
    expectation('ends its workers when it gets SIGTERM', term, leftBehind),
    expectation('ends its workers when it gets SIGINT', int, leftBehind),
  ),
])

import { check, expectation, step } from '../../lab/check/check.ts'
import { frame, tcp } from '../../lab/check/evidence.ts'
import { diedOf, keptTheFirst, notClosed, unnamed, unusable, urlTakenApart } from './evidence.ts'
import { failedOtherwise, REFUSED, UNREACHABLE } from './failures.ts'
import { answers, FIRST, lost, odd, refused, unreachable } from './scenarios.ts'

export default check('01-first-connection', [
  step(
    'It connects under its name',
    expectation(
      'opens a connection that can create channels',
      [answers, unreachable, lost],
      unusable,
      (_, unreachable, lost) => keptTheFirst(unreachable, 'broken-off') ?? keptTheFirst(lost, FIRST),
    ),

    expectation('is listed by the broker under the given name', answers, unnamed),

    expectation('takes the virtual host and the credentials from the URL', odd, urlTakenApart),
  ),

  step(
    'The caller hears of a failed attempt',
    expectation(
      'rejects with the error after one attempt when the broker refuses it',
      refused,
      ...failedOtherwise(REFUSED),
    ),

    expectation(
      'rejects with the error after one attempt when no broker answers',
      unreachable,
      ...failedOtherwise(UNREACHABLE),
    ),
  ),

  step(
    'The connection comes to an end',
    expectation('keeps running when the broker closes the connection', lost, (recording) => {
      const loss = frame(recording, 'connection.close', 'broker')
      return diedOf(loss, recording, 'The broker closed the connection', 'outlived the close')
    }),

    expectation('keeps running when the connection breaks', lost, (recording) => {
      const [loss] = tcp(recording, 'reset')
      return diedOf(loss, recording, 'The connection was reset', 'outlived the reset')
    }),

    expectation('is gone from the broker after close()', answers, notClosed),
  ),
])

import { check, expectation, step } from '../../lab/check/check.ts'
import { comesTo, marked, reached, tcp } from '../../lab/check/evidence.ts'
import { died, endOnLoss } from '../shared/process.ts'
import { hastyByDefault, oversleptByDefault } from './defaults.ts'
import {
  blocked,
  goesOn,
  hasty,
  hung,
  leaked,
  letGo,
  miscounted,
  overlapped,
  overslept,
  stoppedAtABreak,
  stoppedCounting,
  stoppedTooSoon,
  unusable,
} from './evidence.ts'
import { abortedAttempt, abortedWait, broken, connected, late, mute, refused, shut, unlimited } from './scenarios.ts'
import {
  cameBack,
  deafToAbort,
  deafToEarlyAbort,
  endedByAbort,
  endedByTimeout,
  leftOpen,
  refusedOtherwise,
  triedAfterAbort,
} from './stops.ts'

export default check('02-retrying-connection', [
  step(
    'It keeps trying',
    expectation('keeps trying, however often and however the handshake breaks', [broken, shut], (broken, shut) => {
      return stoppedAtABreak(broken) ?? stoppedCounting(shut) ?? goesOn(broken) ?? goesOn(shut)
    }),

    expectation('connects once a late broker is up', late, stoppedTooSoon, comesTo('used'), unusable, letGo),
  ),

  step(
    'It waits between attempts',
    expectation(
      'waits delayMs or more after a failed attempt',
      [broken, shut, unlimited],
      (broken, shut, unlimited) => hasty(broken, shut) ?? hastyByDefault(unlimited),
    ),

    expectation('never waits longer than maxDelayMs', [broken, unlimited], (broken, unlimited) => {
      return overslept(broken) ?? oversleptByDefault(unlimited)
    }),

    expectation('leaves the event loop free while it waits', late, blocked),

    expectation(
      'tells onRetry about each failed attempt that it will retry',
      [broken, refused, abortedWait],
      miscounted,
    ),
  ),

  step(
    'It gives up on an attempt that hangs',
    expectation('gives up an attempt that takes longer than timeoutMs, and tries again', mute, hung),

    expectation('makes one attempt at a time', mute, overlapped),

    expectation('leaves no second connection behind when the answer comes late', mute, leaked),
  ),

  step(
    'It knows when to stop',
    expectation('does not retry a refused login (the password was wrong)', refused, (recording) => {
      return refusedOtherwise(recording, 'credentials', 'the password was wrong')
    }),

    expectation('does not retry a refused login (there was no such virtual host)', refused, (recording) => {
      return refusedOtherwise(recording, 'vhost', 'there was no such virtual host')
    }),

    expectation('stops waiting when it is aborted, and rejects with the reason', abortedWait, (recording) => {
      return (
        deafToAbort(recording, 'long', 'wait-ignores-abort') ??
        deafToAbort(recording, 'in onRetry', 'misses-earlier-abort')
      )
    }),

    expectation('stops an attempt when it is aborted, and leaves no connection', abortedAttempt, (recording) => {
      return deafToAbort(recording, 'first', 'attempt-ignores-abort') ?? leftOpen(recording)
    }),

    expectation('makes no attempt after an abort', [abortedWait, abortedAttempt], (inWait, inAttempt) => {
      return (
        triedAfterAbort(inWait, 'short') ??
        triedAfterAbort(inWait, 'early') ??
        triedAfterAbort(inWait, 'in onRetry') ??
        triedAfterAbort(inAttempt, 'first') ??
        reached(inWait, 'no attempt came after the aborts') ??
        deafToEarlyAbort(inWait, 'early')
      )
    }),

    expectation('leaves the connection alone once it is there', [connected, mute], (aborted, timed) => {
      return (
        endedByAbort(aborted) ??
        endedByTimeout(timed) ??
        reached(aborted, 'used after a late abort') ??
        reached(timed, 'timeoutMs after success')
      )
    }),
  ),

  step(
    'Its connection may be lost',
    expectation('keeps running when the connection is lost', connected, (recording) => {
      const [loss] = tcp(recording, 'reset')
      if (!loss || marked(recording, 'lived on')) return reached(recording, 'lived on')
      const ended = died(recording, 'The connection was reset', { show: loss, looksLike: endOnLoss(recording) })
      return ended ?? reached(recording, 'lived on')
    }),

    expectation(
      'opens no connection by itself, neither after a loss nor after close()',
      connected,
      cameBack,
      comesTo('nothing came after close()'),
    ),
  ),
])

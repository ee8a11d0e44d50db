import { check, expectation, step } from '../../lab/check/check.ts'
import { endedOtherwise } from '../shared/process.ts'
import { gaveUp, lostItsWork, otherQueue, ranOnImport, workedForNothing, workedOtherwise } from './evidence.ts'
import { failedInSilence, receivedInSilence, startedInSilence } from './lines.ts'
import { busy, DOT_MS, dotless, idle, imported, late, unset, waiting, working } from './scenarios.ts'
import { accepted, misread } from './settings.ts'
import { waitedOtherwise } from './waits.ts'

export default check('05-first-service', [
  step(
    'It works on tasks',
    expectation('declares the queue named in QUEUE as durable', working, otherQueue),

    expectation(
      'acknowledges a task after DOT_MS for each of its dots',
      [working, unset, dotless],
      (working) => workedOtherwise(working, DOT_MS, `DOT_MS was ${DOT_MS}`),
      (_, unset) => workedOtherwise(unset, 1000, 'DOT_MS was not set'),
      (_, __, dotless) => workedForNothing(dotless),
    ),
  ),

  step(
    'It waits for its broker',
    expectation('tries again every RETRY_DELAY_MS until the broker is there', late, waitedOtherwise, gaveUp),
  ),

  step(
    'It says what it does',
    expectation('says how it starts, in order', working, startedInSilence),

    expectation('says which task it has received', working, receivedInSilence),

    expectation('says so each time it cannot connect', late, failedInSilence),
  ),

  step(
    'It stops when it is asked to',
    expectation("prints 'Exiting consumer' and ends with exit code 0 on SIGINT", idle, (recording) => {
      return endedOtherwise(recording, { running: 'lives-on', deaf: 'no-sigint-handler' })
    }),

    expectation(
      'ends within moments in the middle of a task, and while it waits for its broker',
      [busy, waiting],
      (busy) => endedOtherwise(busy, { running: 'finishes-the-task', deaf: 'no-sigint-handler' }),
      (_, waiting) => endedOtherwise(waiting, { running: 'waits-first', deaf: 'listens-too-late' }),
    ),

    expectation('leaves what it has not acknowledged in the queue', busy, lostItsWork),
  ),

  step(
    'It can be imported, and validates its settings',
    expectation('does nothing when it is imported', imported, ranOnImport),

    expectation('reads its settings from what loadConfig() is given', imported, misread),

    expectation('refuses a bad value, and says which variable it is', imported, accepted),
  ),
])

import { expect, test } from 'vitest'
import { Patience } from '../../lab/recording/patience.ts'

/** A machine whose clock and load the test sets. */
function machine() {
  const at = { ms: 5000, slowness: 1 }
  return { at, now: () => at.ms, slowness: () => at.slowness }
}

test('counts the time of the clock on a machine that has nothing else to do', () => {
  const quiet = machine()
  const patience = new Patience(1000, quiet)
  quiet.at.ms += 400
  expect(patience.leftMs).toBe(600)
  quiet.at.ms += 400
  expect(patience.isOver).toBe(false)
  quiet.at.ms += 400
  expect(patience.isOver).toBe(true)
})

test('counts a part of it where several want each core', () => {
  const busy = machine()
  const patience = new Patience(1000, busy)
  busy.at.slowness = 4
  busy.at.ms += 400
  expect(patience.passedMs).toBe(100)
  busy.at.slowness = 2
  busy.at.ms += 400
  expect(patience.passedMs).toBe(300)
})

test('does not count the time in which this process was stopped', () => {
  const asleep = machine()
  const patience = new Patience(1000, asleep)
  asleep.at.ms += 60_000
  expect(patience.passedMs).toBe(500)
})

import { expect, test } from 'vitest'
import { Jitter } from '../../lab/jitter.ts'
import { Lag } from '../../lab/lag.ts'

const MOST_MS = 20

/** The first delays under this name. */
function delays(jitter: Jitter, name = 'faults'): number[] {
  const delay = jitter.delays(name)
  return Array.from({ length: 1_000 }, () => delay(MOST_MS))
}

test('the same seed gives the same timings, and another one others', () => {
  expect(delays(new Jitter(4711, 'a lesson', 'a scenario'))).toEqual(delays(new Jitter(4711, 'a lesson', 'a scenario')))
  expect(delays(new Jitter(4712, 'a lesson', 'a scenario'))).not.toEqual(
    delays(new Jitter(4711, 'a lesson', 'a scenario')),
  )
})

test('each part, and each name in it, has a sequence of its own: what one draws changes nothing for another', () => {
  const jitter = new Jitter(4711)
  const alone = delays(jitter.of('wire'))
  delays(jitter.of('student 1'))
  expect(delays(jitter.of('wire'))).toEqual(alone)
  const others = [delays(jitter), delays(jitter.of('student 1')), delays(jitter.of('wire'), 'bytes')]
  for (const other of others) expect(other).not.toEqual(alone)
})

test('most delays are short, some are long, and none is longer than it may be', () => {
  const all = delays(new Jitter(4711))
  const share = (is: (ms: number) => boolean) => all.filter(is).length / all.length
  expect(share((ms) => ms < MOST_MS / 8)).toBeGreaterThan(0.4)
  expect(share((ms) => ms > MOST_MS / 2)).toBeGreaterThan(0.1)
  expect(share((ms) => ms < 0 || ms > MOST_MS)).toBe(0)
})

test('what passes a lag comes later, in order, and what comes meanwhile goes with it', async () => {
  const delays = [0, 30, 1000]
  const lag = new Lag(() => delays.shift() ?? 0)
  const passed: string[] = []
  lag.pass(() => passed.push('at once'))
  expect(passed).toEqual(['at once'])
  const second = new Promise<void>((resolve) => lag.pass(resolve))
  lag.pass(() => passed.push('behind it'))
  expect(passed).toEqual(['at once'])
  await second
  expect(passed).toEqual(['at once', 'behind it'])
})

test('a lag is flushed, or cleared', () => {
  const lag = new Lag(() => 1000)
  const passed: string[] = []
  lag.pass(() => passed.push('flushed'))
  lag.flush()
  lag.pass(() => passed.push('cleared'))
  lag.clear()
  lag.flush()
  expect(passed).toEqual(['flushed'])
})

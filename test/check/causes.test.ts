import { expect, test } from 'vitest'
import { settle } from '../../lab/check/causes.ts'
import type { ExpectationMeta } from '../../lab/check/config.ts'

function meta(about: Partial<ExpectationMeta>): ExpectationMeta {
  return { step: 1, stepTitle: 'A step', verdict: 'failed', ...about }
}

function verdicts(...metas: ExpectationMeta[]) {
  return settle(metas).map(({ verdict, follows }) =>
    follows ? `${verdict}, follows ${metas.indexOf(follows)}` : verdict,
  )
}

const crash = (ms: number) => meta({ decidedAt: { scenario: 'a handler fails', ms } })
const never = (scenario: string) => meta({ notReached: { why: 'your process had ended', scenario } })

test('what was not reached is that where another expectation tells why', () => {
  expect(verdicts(never('a handler fails'), crash(10))).toEqual(['not-reached', 'failed'])
})

test('the first that was not reached has failed where none tells why', () => {
  expect(verdicts(never('a handler fails'), never('a handler fails'))).toEqual(['failed', 'not-reached'])
})

test('a failure in another scenario explains nothing', () => {
  expect(verdicts(crash(10), never('the queue is deleted'))).toEqual(['failed', 'failed'])
})

test('what is told elsewhere is not reached once anything has failed', () => {
  expect(verdicts(meta({ notReached: { why: 'no task was tried again' } }), crash(10))).toEqual([
    'not-reached',
    'failed',
  ])
})

test('what failed later in the same scenario, or in the same way, may follow from the first', () => {
  expect(verdicts(crash(10), crash(20), crash(5))).toEqual(['failed', 'failed, follows 0', 'failed'])
  const noAck = meta({ misconception: 'no-ack', decidedAt: { scenario: 'another', ms: 1 } })
  expect(verdicts({ ...crash(10), misconception: 'no-ack' }, noAck)).toEqual(['failed', 'failed, follows 0'])
})

test('a pass stays a pass, and what can not be judged stays so', () => {
  expect(verdicts(meta({ verdict: 'passed' }), meta({ verdict: 'not-judged' }), crash(1))).toEqual([
    'passed',
    'not-judged',
    'failed',
  ])
})

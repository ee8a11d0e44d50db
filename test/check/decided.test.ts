import { expect, test } from 'vitest'
import { check, expectation, step } from '../../lab/check/check.ts'
import { decidedIn } from '../../lab/check/decided.ts'
import type { Scenario } from '../../lab/check/scenario.ts'
import type { Judge } from '../../lab/check/shortfall.ts'
import type { RecordedEvent, Recording } from '../../lab/recording/recording.ts'

const SCENARIO = { name: 'a play' } as Scenario

function recording(...names: string[]): Recording {
  const events = names.map((name, i): RecordedEvent => ({ kind: 'mark', ms: i, name }))
  return { format: 2, lesson: 'x', scenario: 'a play', broker: { kind: '', product: '', version: '' }, events }
}

function decided(judge: Judge, recorded: Recording | undefined, reads = [SCENARIO]) {
  const made = check('x', [step('one', expectation('works', reads, judge))])
  return decidedIn(made, () => recorded).get('works')
}

const has =
  (name: string): Judge =>
  ({ events }) =>
    events.some((event) => event.kind === 'mark' && event.name === name) ? undefined : { seen: 'nothing' }

test('what is true became true with the event that was missing before', () => {
  expect(decided(has('done'), recording('a', 'b', 'done', 'c', 'd'))).toEqual([{ scenario: 'a play', place: 2 }])
})

test('what falls short does so where the judge says that it went wrong, or at the last event that it shows', () => {
  const recorded = recording('a', 'b', 'c')
  const [first, second, third] = recorded.events
  const wrong: Judge = () => ({ seen: '', show: [first, third], wrong: { event: second, instead: 'x' } })
  expect(decided(wrong, recorded)).toEqual([{ scenario: 'a play', place: 1 }])
  expect(decided(() => ({ seen: '', show: [third, first, undefined] }), recorded)).toEqual([
    { scenario: 'a play', place: 2 },
  ])
  expect(decided(() => ({ seen: '' }), recorded)).toEqual([])
})

test('a judge that throws on a part of a recording has not been satisfied by it', () => {
  const picky: Judge = (recorded) => {
    if (recorded.events.length < 3) throw new Error('too short')
    return undefined
  }
  expect(decided(picky, recording('a', 'b', 'c', 'd'))).toEqual([{ scenario: 'a play', place: 2 }])
})

test('without a recording nothing is decided, nor where it was not played', () => {
  expect(decided(has('a'), undefined)).toEqual([])
  expect(decided(has('a'), { ...recording('a'), notPlayed: 'not here' })).toEqual([])
})

import { expect, test } from 'vitest'
import { filmOf } from '../../lab/viewer/film.ts'
import { densityOf, nearest, rangeOf, spansOf, ticksOf } from '../../lab/viewer/shared/spans.ts'
import { began, finish, opened, recording } from './recordings.ts'

const FILM = filmOf(
  recording(
    opened(),
    began(1, 'a'),
    { kind: 'fault', ms: 0, name: 'stall', on: true },
    finish({ calls: [1], tasks: ['a'], how: 'resolve' }),
    { kind: 'tcp', ms: 0, connection: 1, what: 'reset', by: 'lab' },
  ),
)

test('what lasts has a beginning and an end, or lasts to the end', () => {
  expect(spansOf(FILM)).toEqual([
    { kind: 'connection', name: 'connection 1', fromMs: 40, toMs: 100 },
    { kind: 'handler', name: 'a', fromMs: 70, toMs: 90 },
    { kind: 'fault', name: 'stall', fromMs: 80 },
  ])
})

test('the axis reaches from the first moment to the last, with round times on it', () => {
  expect(rangeOf(FILM)).toEqual({ fromMs: 0, toMs: 100 })
  expect(rangeOf({ moments: [] })).toEqual({ fromMs: 0, toMs: 1 })
  expect(ticksOf({ fromMs: 0, toMs: 100 }, 5)).toEqual([0, 20, 40, 60, 80, 100])
  expect(ticksOf({ fromMs: 5_552, toMs: 10_660 }, 5)).toEqual([6_000, 8_000, 10_000])
})

test('where much happens, the axis says so, and a place on it is a moment', () => {
  const density = densityOf(FILM.moments, rangeOf(FILM), 2)
  expect(density.map((share) => share > 0)).toEqual([true, true])
  expect(nearest(FILM.moments, 76)).toBe(8)
  expect(nearest([], 5)).toBe(0)
})

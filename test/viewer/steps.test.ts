import { expect, test } from 'vitest'
import type { Moment } from '../../lab/viewer/shared/film.ts'
import { choicesOf, EVERYTHING, stepAt, stepsOf } from '../../lab/viewer/shared/steps.ts'

function moment(given: Partial<Moment>): Moment {
  const common = { ms: 0, place: 0, from: 'lab' as const, method: 'mark', text: '', shape: { over: [] } }
  return { ...common, connection: 0, channel: 0, tasks: [], notes: [], details: [], changes: [], ...given }
}

const MOMENTS = [
  moment({ text: 'starts' }),
  moment({ fold: 'handshake', connection: 1, text: 'connection.start' }),
  moment({ fold: 'handshake', connection: 1 }),
  moment({ fold: 'heartbeat', connection: 1 }),
  moment({ connection: 1, channel: 1, queue: 'tasks', tasks: ['a'], text: 'basic.deliver' }),
  moment({ connection: 2, channel: 1, queue: 'other', tasks: ['b'], details: [{ name: 'body', text: 'Größe' }] }),
  moment({ fold: 'heartbeat', connection: 2 }),
]
const firsts = (...given: Parameters<typeof stepsOf> extends [unknown, ...infer Rest] ? Rest : never) =>
  stepsOf(MOMENTS, ...given).map(({ first, last }) => (first === last ? first : [first, last]))

test('what folds is one step, by itself and with what folds beside it', () => {
  expect(firsts(EVERYTHING)).toEqual([0, [1, 3], 4, 5, 6])
  expect(stepsOf(MOMENTS, EVERYTHING)[1]?.folds).toEqual(['handshake', 'heartbeat'])
})

test('a run unfolds by itself, or all of them do', () => {
  expect(firsts(EVERYTHING, new Set([1]))).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(stepsOf(MOMENTS, EVERYTHING, new Set([1])).at(-1)?.folds).toEqual(['heartbeat'])
  expect(stepsOf(MOMENTS, EVERYTHING, 'all').every(({ folds }) => folds.length === 0)).toBe(true)
})

test.each([
  [{ connection: 1 }, [[1, 3], 4]],
  [{ channel: 1 }, [4, 5]],
  [{ connection: 2, channel: 1 }, [5]],
  [{ queue: 'tasks' }, [4]],
  [{ task: 'b' }, [5]],
  [{ search: 'DELIVER' }, [4]],
  [{ search: 'größe' }, [5]],
  [{ search: 'connection.start' }, [1]],
  [{ search: 'nothing of the kind' }, []],
])('the filter %j leaves the moments %j', (filter, left) => {
  expect(firsts({ ...EVERYTHING, ...filter })).toEqual(left)
})

test('a moment that is folded or left out is at the step before it', () => {
  const steps = stepsOf(MOMENTS, EVERYTHING)
  expect([0, 1, 2, 3, 4, 6].map((at) => stepAt(steps, at))).toEqual([0, 1, 1, 1, 2, 4])
  expect(stepAt(stepsOf(MOMENTS, { ...EVERYTHING, queue: 'tasks' }), 0)).toBe(0)
  expect(stepAt([], 3)).toBe(0)
})

test('what can be chosen is what comes up', () => {
  const chosen = { connections: [1, 2], channels: [1], queues: ['tasks', 'other'], tasks: ['a', 'b'] }
  expect(choicesOf(MOMENTS)).toEqual(chosen)
})

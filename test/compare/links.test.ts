import { expect, test } from 'vitest'
import { linksOf } from '../../lab/compare/links.ts'
import { filmOf } from '../../lab/viewer/film.ts'
import { delivery, frame, recording, told } from './recordings.ts'

const seen = (...events: Parameters<typeof recording>[1]) => {
  const recorded = recording('two tasks', events)
  return { recording: recorded, film: filmOf(recorded) }
}

test('moments that say the same are linked, whatever stands between them', () => {
  const ack = frame('student', 'basic.ack', { deliveryTag: 1, multiple: false })
  const end = told('stopped', {})
  const yours = seen(...delivery(1, 'a'), ack, end)
  const solution = seen(...delivery(1, 'a', 'amq.ctag-another'), told('lost', { name: 'x' }), ack, end)
  expect(linksOf(yours, solution)).toEqual([
    [0, 0],
    [1, 2],
    [2, 3],
  ])
})

import { expect, test } from 'vitest'
import { type Line, sectionsOf, time } from '../../lab/viewer/shared/words.ts'
import {
  began,
  broker,
  consuming,
  delivery,
  held,
  opened,
  recording,
  student,
  tasksAfter,
  thingsAfter,
} from './recordings.ts'

function told(lines: Line[], indent = ''): string[] {
  return lines.flatMap(({ text, more = [] }) => [`${indent}${text}`, ...told(more, `${indent}  `)])
}

test('all that there is at a moment, in words', () => {
  const played = recording(
    { kind: 'process', ms: 0, student: 1, what: 'started' },
    held('published', { queue: 'tasks', tasks: ['a', 'b'] }),
    opened(),
    student('basic.qos', { prefetchCount: 1, global: false }),
    broker('basic.qos-ok'),
    consuming(),
    delivery(7, 'a'),
    began(1, 'a'),
    { kind: 'fault', ms: 0, name: 'stall', on: true },
  )
  const sections = sectionsOf(thingsAfter(played)).map(({ title, lines }) => [title, told(lines)])
  expect(Object.fromEntries(sections)).toEqual({
    Queues: [
      "'tasks': 1 ready, 1 unacknowledged",
      "  'a': unacknowledged at connection 1, channel 1, tag 7",
      "  'b': ready",
    ],
    'Connections and channels': [
      "connection 1 'tasks': up",
      '  channel 1: prefetch 1 for each consumer, 1 unacknowledged',
      "    consumes 'tasks', at most 1 at a time",
    ],
    'Handlers at work': ["your service: 'a'"],
    Processes: ['your service: starting'],
    'What the lab is breaking now': ['stall'],
  })
})

test('of many that ended, and of many tasks, the last and the first are told', () => {
  const attempt = (connection: number) => [
    { kind: 'tcp', ms: 0, connection, what: 'accepted' } as const,
    { kind: 'tcp', ms: 0, connection, what: 'reset', by: 'lab' } as const,
  ]
  const tasks = Array.from({ length: 40 }, (_, i) => `task ${i}`)
  const played = recording(
    Array.from({ length: 10 }, (_, i) => attempt(i + 1)).flat(),
    held('published', { queue: 'q', tasks }),
  )
  const [queues, connections] = sectionsOf(thingsAfter(played))
  expect(told(connections?.lines ?? [])).toEqual([
    '7 earlier connections are down',
    ...[8, 9, 10].map((connection) => `connection ${connection}: down, the lab reset it`),
  ])
  expect(told(queues?.lines ?? []).at(-1)).toBe('  and 10 more')
  expect(tasksAfter(played)).toHaveLength(40)
})

test('times are read at a glance', () => {
  expect([0, 12.34, 999.94, 1_204.4].map(time)).toEqual(['0.0 ms', '12.3 ms', '999.9 ms', '1.204 s'])
})

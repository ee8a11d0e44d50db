import { expect, test } from 'vitest'
import { Cursor } from '../../lab/viewer/shared/cursor.ts'
import { thingsOf } from '../../lab/viewer/shared/things.ts'
import { effects } from '../../lab/viewer/world/changes.ts'
import { ack, consuming, delivery, held, opened, recording } from './recordings.ts'

const played = recording(
  held('published', { queue: 'tasks', tasks: ['a', 'b', 'c'] }),
  opened(),
  consuming(),
  delivery(1, 'a'),
  delivery(2, 'b'),
  ack(1),
  { kind: 'tcp', ms: 0, connection: 1, what: 'reset', by: 'lab' },
)
const changes = effects(played).map((effect) => effect.changes)

test('whichever way a moment is reached, there is the same', () => {
  const cursor = new Cursor(changes)
  const order = [3, 0, changes.length - 1, 12, 5, -1, 13, 8]
  for (const at of order) {
    const things = cursor.go(at)
    const straight = new Cursor(changes).go(at)
    expect(new Map(things)).toEqual(new Map(straight))
    for (const kind of ['task', 'channel', 'queue'] as const) {
      expect(thingsOf(things, kind)).toEqual(thingsOf(straight, kind))
    }
    expect(cursor.at).toBe(at)
  }
})

test('it stays within the recording', () => {
  const cursor = new Cursor(changes)
  cursor.go(10_000)
  expect(cursor.at).toBe(changes.length - 1)
  expect(cursor.go(-5).size).toBe(0)
})

import { expect, test } from 'vitest'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { Unacked } from '../../lab/service/unacked.ts'
import { deliver, frame, tcp } from './frames.ts'

function after(...events: RecordedEvent[]): number {
  const unacked = new Unacked()
  for (const event of events) unacked.take(event)
  return unacked.count
}

const three = [deliver(1), deliver(2), deliver(3)]

test('what is delivered is in hand until it is acknowledged, rejected or given back', () => {
  expect(after(...three)).toBe(3)
  expect(after(...three, frame('student', 'basic.ack', { deliveryTag: 2 }))).toBe(2)
  expect(after(...three, frame('student', 'basic.nack', { deliveryTag: 2 }))).toBe(2)
  expect(after(...three, frame('student', 'basic.reject', { deliveryTag: 2 }))).toBe(2)
})

test('an acknowledgement of several takes all up to it, and 0 takes all', () => {
  expect(after(...three, frame('student', 'basic.ack', { deliveryTag: 2, multiple: true }))).toBe(1)
  expect(after(...three, frame('student', 'basic.ack', { deliveryTag: 0, multiple: true }))).toBe(0)
})

test("the broker's confirm of a publish is no acknowledgement of a task", () => {
  expect(after(...three, frame('broker', 'basic.ack', { deliveryTag: 1 }))).toBe(3)
})

test.each([
  ['its channel is closed', frame('student', 'channel.close')],
  ['its connection is closed', frame('broker', 'connection.close', {}, 0)],
  ['its socket is broken off', tcp('reset', 'student')],
])('nothing is in hand once %s', (_, event) => {
  expect(after(...three, event)).toBe(0)
})

test('a consumer that acknowledges nothing has nothing in hand', () => {
  const consume = frame('student', 'basic.consume', { consumerTag: '', noAck: true })
  expect(after(consume, frame('broker', 'basic.consume-ok', { consumerTag: 'c' }), ...three)).toBe(0)
})

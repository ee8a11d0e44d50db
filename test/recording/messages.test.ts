import { expect, test } from 'vitest'
import { deliveries } from '../../lab/recording/deliveries.ts'
import { outstanding } from '../../lab/recording/outstanding.ts'
import { published } from '../../lab/recording/published.ts'
import { settlements } from '../../lab/recording/settlements.ts'
import { broker, delivery, recordingOf, student, tcp } from './events.ts'

const ack = (deliveryTag: number, multiple = false, place = {}) =>
  student('basic.ack', { deliveryTag, multiple }, place)

test('a published message is put together from its frames, though channels are interleaved', () => {
  const [one, two] = published(
    recordingOf(
      student('basic.publish', { exchange: '', routingKey: 'q', mandatory: true }, { channel: 1 }),
      student('basic.publish', { exchange: 'x', routingKey: 'r' }, { channel: 2 }),
      student('header', { bodySize: 4, properties: { deliveryMode: 2 } }, { channel: 1 }),
      student('header', { bodySize: 0, properties: {} }, { channel: 2 }),
      student('body', { size: 2, text: 'ab' }, { channel: 1 }),
      student('heartbeat', {}, { channel: 0 }),
      student('body', { size: 2, text: 'cd' }, { channel: 1 }),
    ),
  )
  expect(one).toMatchObject({ body: 'abcd', size: 4, persistent: true, mandatory: true, ms: 10, completeMs: 70 })
  expect(two).toMatchObject({ body: '', exchange: 'x', routingKey: 'r', persistent: false, completeMs: 40 })
})

test('deliveries know their tag, their consumer, whether they came before, and whether they ask for an ack', () => {
  const found = deliveries(
    recordingOf(
      student('basic.consume', { consumerTag: '', noAck: true }, { channel: 2 }),
      broker('basic.consume-ok', { consumerTag: 'c' }, { channel: 2 }),
      ...delivery(1, 'a', { redelivered: true }),
      ...delivery(1, 'b', { channel: 2 }),
      student('basic.get', { noAck: false }),
      broker('basic.get-ok', { deliveryTag: 2 }),
      broker('header', { bodySize: 1, properties: {} }),
      broker('body', { size: 1, text: 'c' }, { held: true }),
    ),
  )
  expect(found).toMatchObject([
    { body: 'a', deliveryTag: 1, redelivered: true, consumerTag: 'c', noAck: false, held: false },
    { body: 'b', deliveryTag: 1, channel: 2, redelivered: false, noAck: true },
    { body: 'c', deliveryTag: 2, noAck: false, held: true },
  ])
  expect(found[2]).not.toHaveProperty('consumerTag')
})

test('settlements cover the tags that were outstanding on their channel', () => {
  const found = settlements(
    recordingOf(
      ...[1, 2, 3, 4, 5].flatMap((tag) => delivery(tag, `t${tag}`)),
      ...delivery(1, 'other', { channel: 2 }),
      ack(2),
      ack(3, true),
      ack(2),
      student('basic.nack', { deliveryTag: 0, multiple: true, requeue: true }),
      student('basic.reject', { deliveryTag: 1, requeue: false }, { channel: 2 }),
      broker('basic.ack', { deliveryTag: 9 }),
    ),
  )
  expect(found.map(({ kind, tags, requeue }) => [kind, tags, requeue])).toEqual([
    ['ack', [2], undefined],
    ['ack', [1, 3], undefined],
    ['ack', [], undefined],
    ['nack', [4, 5], true],
    ['reject', [1], false],
  ])
})

test('outstanding is what was delivered and not settled, at every moment and at the end', () => {
  const recording = recordingOf(
    ...delivery(1, 'a'),
    ...delivery(2, 'b'),
    ack(1),
    ...delivery(1, 'c', { channel: 2 }),
    ...delivery(1, 'd', { connection: 2 }),
    tcp(2, 'reset', 'lab'),
  )
  expect(outstanding(recording, { connection: 1, channel: 1 })).toMatchObject({
    steps: [
      { ms: 10, count: 1 },
      { ms: 40, count: 2 },
      { ms: 70, count: 1 },
    ],
    most: 2,
    left: [{ body: 'b' }],
  })
  const all = outstanding(recording)
  expect(all.most).toBe(3)
  expect(all.steps.at(-1)).toEqual({ ms: 140, count: 2 })
  expect(all.left.map(({ body }) => body).sort()).toEqual(['b', 'c', 'd'])
})

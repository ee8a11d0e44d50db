import { afterEach, beforeEach, expect, test } from 'vitest'
import { Broker } from '../../lab/embedded/broker.ts'
import { Connection } from '../../lab/embedded/connection/connection.ts'
import { Listener } from '../../lab/embedded/listener.ts'
import { RawClient } from './client.ts'

const KIB = 1024
const HIGH_BYTES = 200 * KIB

let broker: Broker
let listener: Listener
beforeEach(async () => {
  broker = new Broker({ memoryHighBytes: HIGH_BYTES })
  broker.addVhost('/')
  broker.users.add('guest', 'guest', ['/'])
  listener = new Listener(['127.0.0.1'], 0, (socket) => void broker.connections.add(new Connection(broker, socket)))
  await listener.open()
})
afterEach(async () => {
  const closed = listener.close()
  listener.destroySockets()
  await closed
})

test('a publisher waits while there is no room, is told so, and goes on once somebody has made some', async () => {
  const properties = { capabilities: { 'connection.blocked': true } }
  await using publisher = await RawClient.open(listener, { properties })
  await using consumer = await RawClient.open(listener, { properties })
  await consumer.call('queue.declare', { queue: 'q' })
  await publisher.call('confirm.select')
  const blocked = publisher.next('connection.blocked')
  for (let n = 0; n < 100; n++) publisher.publish('q', Buffer.alloc(10 * KIB))
  expect(await blocked).toEqual({ reason: 'low on memory' })
  const { messageCount } = await consumer.call('queue.declare', { queue: 'q', passive: true })
  expect(messageCount).toBeGreaterThan(10)
  expect(messageCount).toBeLessThan(40)
  const unblocked = publisher.next('connection.unblocked')
  await consumer.call('basic.consume', { queue: 'q', noAck: true })
  await unblocked
  await expect.poll(() => consumer.heard('basic.deliver').length).toBe(100)
  expect(consumer.heard('connection.blocked')).toEqual([])
  expect(broker.memory.bytes).toBe(0)
})

test('messages that are only begun count, and are given back with their connection', async () => {
  await using client = await RawClient.open(listener)
  client.send(1, 'basic.publish', { routingKey: 'q' })
  // A header that promises 100,000 bytes, and none of them.
  client.socket.write(Buffer.from('0200010000000e003c000000000000000186a00000ce', 'hex'))
  await expect.poll(() => broker.memory.bytes).toBeGreaterThan(0)
  client.socket.destroy()
  await expect.poll(() => broker.memory.bytes).toBe(0)
})

test.each(['tx.commit', 'tx.rollback', 'connection.close'] as const)(
  'what a transaction holds back counts, and no longer after %s',
  async (end) => {
    await using client = await RawClient.open(listener)
    await client.call('queue.declare', { queue: 'q', arguments: { 'x-max-length': 0 } })
    await client.call('tx.select')
    for (let n = 0; n < 10; n++) client.publish('q', Buffer.alloc(KIB))
    await client.call('basic.qos')
    expect(broker.memory.bytes).toBeGreaterThan(10 * KIB)
    client.send(end === 'connection.close' ? 0 : 1, end)
    await client.next(`${end}-ok`)
    await expect.poll(() => broker.memory.bytes).toBe(0)
  },
)

test('nothing is kept of messages once they are settled, dead, dropped, purged or deleted', async () => {
  await using client = await RawClient.open(listener)
  const letters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
  await client.call('queue.declare', { queue: 'dead', arguments: { 'x-max-length': 1 } })
  await client.call('queue.declare', { queue: 'q', arguments: { ...letters, 'x-max-length': 5 } })
  await client.call('queue.declare', { queue: 'gone' })
  for (let n = 0; n < 10; n++) {
    client.publish('q', 'body')
    client.publish('gone', 'body')
  }
  for (let tag = 1; tag <= 3; tag++) await client.get('q', false)
  client.send(1, 'basic.reject', { deliveryTag: 1, requeue: false })
  client.send(1, 'basic.reject', { deliveryTag: 2, requeue: true })
  client.send(1, 'basic.ack', { deliveryTag: 3 })
  await client.get('gone', false)
  await client.call('queue.purge', { queue: 'q' })
  await client.call('queue.delete', { queue: 'gone' })
  await client.call('queue.delete', { queue: 'dead' })
  client.socket.destroy()
  await expect.poll(() => broker.memory.bytes).toBe(0)
})

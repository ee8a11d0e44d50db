import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeMethod, PROTOCOL_HEADER } from '../../lab/amqp/frames.ts'
import type { EmbeddedBroker } from '../../lab/embedded/embedded.ts'
import { RawClient, startBroker } from './client.ts'

let broker: EmbeddedBroker
beforeAll(async () => {
  broker = await startBroker()
})
afterAll(() => broker.stop())

const MIB = 1024 ** 2

describe.concurrent('a client that is none', () => {
  test('sends something else, and is shown the header of AMQP', async () => {
    await using client = await RawClient.dial(broker)
    client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await client.end()
    expect(client.frames[0]?.bytes).toEqual(PROTOCOL_HEADER)
  })

  test('says nothing, and is cut off after ten seconds', async () => {
    await using client = await RawClient.dial(broker)
    const started = performance.now()
    await client.end()
    expect(performance.now() - started).toBeGreaterThan(9_000)
  })

  test('stops in the middle of the handshake, and is cut off after ten seconds', async () => {
    await using client = await RawClient.dial(broker)
    client.socket.write(PROTOCOL_HEADER)
    await client.next('connection.start')
    const started = performance.now()
    await client.end()
    expect(performance.now() - started).toBeGreaterThan(9_000)
  })
})

describe('a client that takes no end', () => {
  test('opens more channels than it may, and loses its connection', async () => {
    await using client = await RawClient.open(broker)
    for (let channel = 2; channel <= 2048; channel++) client.send(channel, 'channel.open')
    const close = await client.next('connection.close')
    expect(close).toMatchObject({
      replyCode: 530,
      replyText: 'NOT_ALLOWED - number of channels opened (2047) has reached the negotiated channel_max (2047)',
    })
  })

  test('sends a frame larger than it may, and loses its connection before it is here', async () => {
    await using client = await RawClient.open(broker)
    client.socket.write(Buffer.from([3, 0, 1, 0x7f, 0xff, 0xff, 0xff]))
    expect(await client.next('connection.close')).toMatchObject({ replyCode: 501 })
  })

  test('promises a body that is too large, and loses its channel before it comes', async () => {
    await using client = await RawClient.open(broker)
    client.send(1, 'basic.publish', { routingKey: 'q' })
    const header = Buffer.from('0200010000000e003c000000000001000000000000ce', 'hex')
    client.socket.write(header)
    expect(await client.next('channel.close')).toMatchObject({ replyCode: 406, classId: 60, methodId: 40 })
  })

  test('never reads: what is kept for it is bounded, and others go on', async () => {
    await using reader = await RawClient.open(broker)
    await using other = await RawClient.open(broker)
    await other.call('queue.declare', { queue: 'unread' })
    await reader.call('basic.consume', { queue: 'unread', noAck: true, consumerTag: 'lazy' })
    reader.socket.pause()
    const body = Buffer.alloc(MIB)
    await other.call('confirm.select')
    for (let n = 0; n < 64; n++) {
      const confirmed = other.next('basic.ack')
      other.publish('unread', body)
      await confirmed
    }
    const [queue] = broker.queues('/').filter(({ name }) => name === 'unread')
    // The kernel's own buffers take some of them; the rest waits where it belongs.
    expect(queue?.ready).toBeGreaterThan(40)
    reader.socket.resume()
    await expect
      .poll(() => broker.queues('/').find(({ name }) => name === 'unread')?.ready, { timeout: 20_000 })
      .toBe(0)
    await other.call('queue.delete', { queue: 'unread' })
  })

  test('asks and asks, and never reads the answers: it is not heard any longer', async () => {
    await using client = await RawClient.open(broker)
    await client.call('queue.declare', { queue: 'asked' })
    client.publish('asked', Buffer.alloc(MIB))
    await client.call('basic.qos')
    client.socket.pause()
    const before = process.memoryUsage().arrayBuffers
    // Every one of these brings a megabyte back, if it is answered.
    const asks = Array.from({ length: 2_000 }, (_, n) => [
      encodeMethod(1, 'basic.get', { queue: 'asked' }),
      encodeMethod(1, 'basic.nack', { deliveryTag: n + 1, requeue: true }),
    ])
    client.socket.write(Buffer.concat(asks.flat()))
    await using other = await RawClient.open(broker)
    for (let n = 0; n < 20; n++) await other.call('basic.qos')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * MIB)
  })
})

describe('a client that has gone', () => {
  test('without a word, is missed after two heartbeats', async () => {
    await using client = await RawClient.open(broker, { heartbeat: 1 })
    await client.end()
    expect(client.frames.some(({ kind }) => kind === 'heartbeat')).toBe(true)
  })

  test('in the middle of a frame, is forgotten', async () => {
    const client = await RawClient.open(broker)
    client.socket.write(encodeMethod(1, 'queue.declare', { queue: 'torn' }).subarray(0, 9))
    client.socket.destroy()
    await expect.poll(() => broker.connections('/')).toEqual([])
  })

  test('a hundred clients at once, and as many again', async () => {
    for (let round = 0; round < 2; round++) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(broker)))
      expect(broker.connections('/')).toHaveLength(100)
      for (const { socket } of clients) socket.destroy()
      await expect.poll(() => broker.connections('/')).toEqual([])
    }
  })
})

describe('a client that means something else', () => {
  test('by a name that is no text, and loses its connection', async () => {
    await using client = await RawClient.open(broker)
    const frame = encodeMethod(1, 'queue.declare', { queue: 'x'.repeat(200) })
    client.socket.write(frame.fill(0xff, 20, 200))
    expect(await client.next('connection.close')).toMatchObject({ replyCode: 502 })
  })

  test('by a dead-letter key that no frame can hold, and loses its channel', async () => {
    await using client = await RawClient.open(broker)
    const letters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'k'.repeat(256) }
    client.send(1, 'queue.declare', { queue: 'q', arguments: letters })
    expect(await client.next('channel.close')).toMatchObject({ replyCode: 406 })
  })
})

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { encodeContent, encodeMethod } from '../../lab/amqp/frames.ts'
import { Memory } from '../../lab/embedded/memory.ts'
import { RawClient, startBroker } from './client.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
// Other tests in this process start others, and hand over code that was compiled under these flags.
setFlagsFromString('--no-expose-gc')

const MIB = 1024 ** 2

function used(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe('memory', () => {
  test('200,000 messages of 100 bytes take less than 200 MiB, and give them back', async () => {
    await using broker = await startBroker()
    await using client = await RawClient.open(broker)
    await client.call('queue.declare', { queue: 'q' })
    const before = used()
    const message = Buffer.concat([
      encodeMethod(1, 'basic.publish', { routingKey: 'q' }),
      encodeContent(1, { deliveryMode: 2 }, Buffer.alloc(100)),
    ])
    const thousand = Buffer.concat(Array(1_000).fill(message))
    for (let n = 0; n < 200; n++) {
      client.socket.write(thousand)
      await client.call('basic.qos')
    }
    expect(broker.queues('/')[0]?.ready).toBe(200_000)
    expect(used() - before).toBeLessThan(200 * MIB)
    expect(await client.call('queue.purge', { queue: 'q' })).toEqual({ messageCount: 200_000 })
    // Buffers that nobody holds are given back a little later than objects.
    await expect.poll(() => used() - before, { timeout: 10_000 }).toBeLessThan(20 * MIB)
  })

  test('of messages that came and went is not kept', async () => {
    await using broker = await startBroker()
    await using client = await RawClient.open(broker)
    await client.call('queue.declare', { queue: 'q', arguments: { 'x-max-length': 10 } })
    const message = Buffer.concat([
      encodeMethod(1, 'basic.publish', { routingKey: 'q' }),
      encodeContent(1, { messageId: 'm' }, Buffer.alloc(1_000)),
    ])
    const hundred = Buffer.concat(Array(100).fill(message))
    const before = used()
    for (let n = 0; n < 300; n++) {
      client.socket.write(hundred)
      await client.call('basic.qos')
    }
    expect(broker.queues('/')[0]?.ready).toBe(10)
    await expect.poll(() => used() - before, { timeout: 10_000 }).toBeLessThan(10 * MIB)
  })
})

test('the watermark rings once when it is passed, and once when there is room again', () => {
  const rung: boolean[] = []
  const memory = new Memory(() => rung.push(memory.isShort), 100, 80)
  for (const bytes of [60, 50, 20, -40, -15]) memory.kept(bytes)
  expect(rung).toEqual([true, false])
})

import type { Table } from '../../../lab/amqp/table.ts'
import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

/** A queue whose dead letters a consumer on channel 2 hears of: that is how one knows that a message has expired. */
async function watched(t: Stage, args: Table = {}): Promise<{ channel: Channel; dead: Channel }> {
  const client = await t.connect()
  const [channel, dead] = [await client.channel(1), await client.channel(2)]
  channel.noting = false
  await channel.queue('dead')
  const letters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
  await channel.queue('q', { arguments: { ...letters, ...args } })
  await channel.confirms()
  await dead.consume('dead', 'dead', { noAck: true })
  channel.noting = true
  return { channel, dead }
}

export const scenarios: Scenario[] = [
  {
    title: 'messages of a queue with a time to live expire in order',
    async play(t) {
      const { channel, dead } = await watched(t, { 'x-message-ttl': 30 })
      for (const body of ['a', 'b']) await channel.put('q', body)
      await dead.deliveries(2)
      await channel.count('q')
    },
  },
  {
    title: 'a message with an expiration of its own',
    async play(t) {
      const { channel, dead } = await watched(t)
      await channel.put('q', 'a', { expiration: '30' })
      await dead.deliveries(1)
      await channel.count('q')
    },
  },
  {
    title: 'the shorter of both times counts',
    async play(t) {
      const { channel, dead } = await watched(t, { 'x-message-ttl': 60_000 })
      await channel.put('q', 'short', { expiration: '20' })
      await dead.deliveries(1)
      const other = await t.channel('other')
      await other.queue('p', {
        arguments: { 'x-message-ttl': 20, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' },
      })
      other.publish('p', 'long', { expiration: '60000' })
      await dead.deliveries(1)
    },
  },
  {
    title: 'a message expires at the head of its queue only',
    async play(t) {
      const { channel, dead } = await watched(t)
      await channel.put('q', 'first')
      await channel.put('q', 'second', { expiration: '10' })
      await t.quiet('the second to expire, which it does not', 150)
      await channel.count('q')
      await channel.get('q')
      await dead.deliveries(1)
      await channel.count('q')
    },
  },
  {
    title: 'a time to live of 0 without a consumer',
    async play(t) {
      const { channel, dead } = await watched(t, { 'x-message-ttl': 0 })
      await channel.put('q', 'a')
      await dead.deliveries(1)
      await channel.count('q')
    },
  },
  {
    title: 'a time to live of 0 with a consumer that is free',
    async play(t) {
      const { channel } = await watched(t, { 'x-message-ttl': 0 })
      const consumer = await channel.client.channel(3)
      await consumer.consume('q', 'c')
      await channel.put('q', 'a')
      await consumer.deliveries(1)
    },
  },
  {
    title: 'an expiration of 0',
    async play(t) {
      const { channel, dead } = await watched(t)
      await channel.put('q', 'a', { expiration: '0' })
      await dead.deliveries(1)
      await channel.get('q')
    },
  },
  {
    title: 'an unacknowledged message does not expire before it goes back',
    async play(t) {
      // Long enough for the get to come, on a busy machine, too.
      const { channel, dead } = await watched(t, { 'x-message-ttl': 800 })
      await channel.put('q', 'a')
      await channel.get('q', false)
      await t.quiet('the time to live to pass', 1000)
      channel.nack(1)
      await dead.deliveries(1)
    },
  },
  {
    title: 'an expired message without a dead-letter exchange is gone',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { arguments: { 'x-message-ttl': 10 } })
      await channel.confirms()
      await channel.put('q', 'a')
      await t.quiet('the message to expire', 1000)
      await channel.count('q')
      await channel.get('q')
    },
  },
  {
    title: 'messages of a quorum queue expire',
    async play(t) {
      const { channel, dead } = await watched(t, { 'x-queue-type': 'quorum', 'x-message-ttl': 30 })
      for (const body of ['a', 'b']) await channel.put('q', body)
      await dead.deliveries(2)
    },
  },
  {
    title: 'a delayed retry: a waiting queue gives a message back to the first',
    async play(t) {
      const channel = await t.channel()
      const client = channel.client
      await channel.queue('work', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'wait' } })
      await channel.queue('wait', {
        arguments: { 'x-message-ttl': 20, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'work' },
      })
      await channel.confirms()
      const worker = await client.channel(2)
      await worker.consume('work', 'w')
      await channel.put('work', 'a')
      for (let n = 1; n <= 3; n++) {
        await worker.deliveries(1)
        worker.nack(n, { requeue: false })
      }
      await worker.deliveries(1)
    },
  },
]

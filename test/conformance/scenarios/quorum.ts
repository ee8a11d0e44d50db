import type { Table } from '../../../lab/amqp/table.ts'
import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

const TO_DEAD = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }

/** A quorum queue 'q' with these messages, and a queue 'dead' for its dead letters. */
async function quorum(t: Stage, args: Table, ...bodies: string[]): Promise<Channel> {
  const channel = await t.channel()
  channel.noting = false
  await channel.queue('dead')
  await channel.quorum('q', { ...TO_DEAD, ...args })
  await channel.confirms()
  for (const body of bodies) await channel.put('q', body)
  channel.noting = true
  return channel
}

/** A quorum queue that is declared in a way that it can't be. */
function refused(title: string, declare: object, args: Table = {}): Scenario {
  return {
    title,
    async play(t) {
      await (await t.channel()).queue('q', { ...declare, arguments: { 'x-queue-type': 'quorum', ...args } })
    },
  }
}

export const scenarios: Scenario[] = [
  refused('a quorum queue must be durable', { durable: false }),
  refused('a quorum queue can not be exclusive', { exclusive: true, durable: true }),
  refused('a quorum queue can not be auto-delete', { autoDelete: true }),
  refused('a quorum queue with x-max-priority', {}, { 'x-max-priority': 5 }),
  refused('a quorum queue with reject-publish-dlx', {}, { 'x-max-length': 1, 'x-overflow': 'reject-publish-dlx' }),
  {
    title: 'a quorum queue gives and takes as any other',
    async play(t) {
      const channel = await quorum(t, {}, 'a', 'b', 'c')
      await channel.count('q')
      await channel.get('q')
      await channel.consume('q', 'c')
      await channel.deliveries(2)
      channel.ack(3, true)
      await channel.cancel('c')
      await channel.until('q', 'messageCount', 0)
      await channel.call('queue.delete', { queue: 'q' })
    },
  },
  {
    title: 'a rejected message of a quorum queue has its deliveries counted',
    async play(t) {
      const channel = await quorum(t, {}, 'a')
      await channel.consume('q', 'c')
      for (let tag = 1; tag <= 3; tag++) {
        await channel.deliveries(1)
        channel.reject(tag)
      }
      await channel.deliveries(1)
    },
  },
  {
    title: 'a message of a quorum queue that goes back by nack',
    async play(t) {
      const channel = await quorum(t, {}, 'a')
      await channel.consume('q', 'c')
      for (let tag = 1; tag <= 3; tag++) {
        await channel.deliveries(1)
        channel.nack(tag)
      }
      await channel.deliveries(1)
    },
  },
  {
    title: 'a message that is rejected beyond the delivery limit is a dead letter',
    async play(t) {
      const channel = await quorum(t, { 'x-delivery-limit': 2 }, 'a')
      await channel.consume('q', 'c')
      for (let tag = 1; tag <= 3; tag++) {
        await channel.deliveries(1)
        channel.reject(tag)
      }
      await channel.until('dead', 'messageCount', 1)
      await channel.get('dead')
      await channel.count('q')
    },
  },
  {
    title: 'a delivery limit of 0',
    async play(t) {
      const channel = await quorum(t, { 'x-delivery-limit': 0 }, 'a')
      await channel.get('q', false)
      channel.reject(1)
      await channel.until('dead', 'messageCount', 1)
      await channel.get('dead')
    },
  },
  {
    title: 'without a delivery limit of its own a quorum queue has one of 20',
    async play(t) {
      const channel = await quorum(t, {}, 'a')
      channel.noting = false
      await channel.consume('q', 'c')
      let deliveries = 0
      for (; deliveries < 30; deliveries++) {
        const delivery = channel.next('basic.deliver').then(() => 'delivered')
        delivery.catch(() => {})
        const died = new AbortController()
        const answer = await Promise.race([delivery, dead(channel, died.signal)])
        died.abort()
        if (answer === 'dead') break
        channel.reject(deliveries + 1)
      }
      t.note(`delivered ${deliveries} times`)
    },
  },
  {
    title: 'without a dead-letter exchange a message beyond the limit is gone',
    async play(t) {
      const channel = await t.channel()
      await channel.quorum('q', { 'x-delivery-limit': 1 })
      await channel.confirms()
      await channel.put('q', 'a')
      await channel.consume('q', 'c')
      for (let tag = 1; tag <= 2; tag++) {
        await channel.deliveries(1)
        channel.reject(tag)
      }
      await channel.until('q', 'messageCount', 0)
      await channel.get('q')
    },
  },
  {
    title: 'a lost connection counts as a delivery',
    async play(t) {
      const channel = await quorum(t, { 'x-delivery-limit': 1 }, 'a')
      for (let n = 1; n <= 2; n++) {
        const lost = await t.channel(`lost ${n}`)
        await channel.until('q', 'messageCount', 1)
        await lost.get('q', false)
        lost.client.drop()
      }
      await channel.until('dead', 'messageCount', 1)
      await channel.get('dead')
    },
  },
  {
    title: 'a message of a quorum queue that is rejected for good',
    async play(t) {
      const channel = await quorum(t, {}, 'a')
      await channel.get('q', false)
      channel.reject(1, false)
      await channel.until('dead', 'messageCount', 1)
      await channel.get('dead')
    },
  },
  {
    title: 'messages that go back to a quorum queue',
    async play(t) {
      const channel = await quorum(t, {}, 'a', 'b', 'c', 'd')
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      for (const tag of [3, 1, 2]) channel.nack(tag)
      await channel.until('q', 'messageCount', 4)
      for (let n = 0; n < 4; n++) await channel.get('q')
    },
  },
  {
    title: 'a channel of a quorum queue that is closed gives its messages back',
    async play(t) {
      const channel = await quorum(t, {}, 'a', 'b', 'c')
      await channel.consume('q', 'c')
      await channel.deliveries(3)
      channel.ack(1)
      await channel.call('channel.close', { replyCode: 200 })
      await channel.call('channel.open')
      await channel.until('q', 'messageCount', 2)
      for (let n = 0; n < 2; n++) await channel.get('q')
    },
  },
  {
    title: 'the limit of a consumer of a quorum queue',
    async play(t) {
      const channel = await quorum(t, {}, 'a', 'b', 'c')
      await channel.qos(2)
      await channel.consume('q', 'c')
      await channel.deliveries(2)
      await channel.count('q')
      channel.ack(1)
      await channel.deliveries(1)
    },
  },
  {
    title: 'a quorum queue that is full refuses the newest',
    async play(t) {
      const channel = await quorum(t, { 'x-max-length': 1, 'x-overflow': 'reject-publish' })
      // It tells publishers in its own time that it is full: how many it takes until then is left open.
      channel.noting = false
      let last = 'basic.ack'
      for (let n = 1; last === 'basic.ack' && n < 100; n++) last = (await channel.put('q', String(n))).name
      t.note(`in the end: ${last}`)
    },
  },
  {
    title: 'high priorities of a quorum queue come before the others',
    async play(t) {
      const channel = await t.channel()
      await channel.quorum('q')
      await channel.confirms()
      for (const priority of [0, 4, 5, 9, 1]) await channel.put('q', String(priority), { priority })
      for (let n = 0; n < 5; n++) await channel.get('q')
    },
  },
  {
    title: 'a quorum queue is purged',
    async play(t) {
      const channel = await quorum(t, {}, 'a', 'b')
      await channel.call('queue.purge', { queue: 'q' })
      await channel.count('q')
    },
  },
  {
    title: 'two consumers of a quorum queue take turns',
    async play(t) {
      const channel = await quorum(t, {})
      const [a, b] = [await channel.client.channel(2), await channel.client.channel(3)]
      await a.consume('q', 'a')
      await b.consume('q', 'b')
      for (let n = 1; n <= 4; n++) await channel.put('q', String(n))
      await Promise.all([a.deliveries(2), b.deliveries(2)])
    },
  },
  {
    title: 'a consumer of a quorum queue with a higher priority comes first',
    async play(t) {
      const channel = await quorum(t, {})
      const consumer = await channel.client.channel(2)
      await consumer.qos(1)
      await consumer.consume('q', 'low')
      await consumer.consume('q', 'high', { arguments: { 'x-priority': 5 } })
      for (let n = 1; n <= 2; n++) {
        await channel.put('q', String(n))
        await consumer.deliveries(1)
      }
    },
  },
  {
    title: 'an exclusive consumer of a quorum queue is not alone',
    async play(t) {
      const channel = await quorum(t, {})
      await channel.consume('q', 'c', { exclusive: true })
      await (await channel.client.channel(2)).consume('q', 'd')
    },
  },
  {
    title: 'a quorum queue is consumed without acknowledgement',
    async play(t) {
      const channel = await quorum(t, {}, 'a', 'b')
      await channel.consume('q', 'c', { noAck: true })
      await channel.deliveries(2)
      await channel.until('q', 'messageCount', 0)
    },
  },
  {
    title: 'an acknowledgement of what a quorum queue never delivered',
    async play(t) {
      const channel = await quorum(t, {}, 'a')
      await channel.get('q', false)
      channel.ack(1)
      channel.ack(1)
      await channel.fails()
    },
  },
  {
    title: 'basic.recover with a quorum queue',
    async play(t) {
      const channel = await quorum(t, {}, 'a', 'b')
      for (let n = 0; n < 2; n++) await channel.get('q', false)
      await channel.call('basic.recover', { requeue: true })
      await channel.until('q', 'messageCount', 2)
      for (let n = 0; n < 2; n++) await channel.get('q')
    },
  },
  {
    title: 'a message of a quorum queue with an expiration of its own',
    async play(t) {
      const channel = await quorum(t, {})
      await channel.put('q', 'a', { expiration: '20' })
      await channel.until('dead', 'messageCount', 1)
      await channel.get('dead')
    },
  },
  {
    title: 'a stream',
    async play(t) {
      await (await t.channel()).queue('q', { arguments: { 'x-queue-type': 'stream' } })
    },
  },
]

/** Resolves once the message is in the queue for dead letters. */
async function dead(channel: Channel, signal: AbortSignal): Promise<string> {
  for (let count: unknown = 0; count === 0; ) {
    if (signal.aborted) return 'delivered'
    count = (await channel.count('dead')).args['messageCount']
  }
  return 'dead'
}

import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'confirms count from 1 on each channel',
    async play(t) {
      const client = await t.connect()
      const [first, second] = [await client.channel(1), await client.channel(2)]
      await first.queue('q')
      first.publish('q', 'before')
      await first.confirms()
      await second.confirms()
      await first.put('q', 'a')
    },
  },
  {
    title: 'many messages are all confirmed',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      for (let n = 0; n < 50; n++) channel.publish('q', String(n), { deliveryMode: 2 })
      for (let n = 1; n <= 50; n++) await channel.confirmed(n)
      await channel.count('q')
    },
  },
  {
    title: 'confirm.select may come twice',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      await channel.put('q', 'a')
      await channel.confirms()
      await channel.put('q', 'b')
    },
  },
  {
    title: 'a message that fits nowhere is confirmed',
    async play(t) {
      const channel = await t.channel()
      await channel.confirms()
      await channel.put('nowhere', 'a')
    },
  },
  {
    title: 'the return of a message comes before its confirm',
    async play(t) {
      const channel = await t.channel()
      await channel.confirms()
      for (let n = 1; n <= 3; n++) await channel.put('nowhere', String(n), {}, { mandatory: true })
    },
  },
  {
    title: 'a message to several queues is confirmed once',
    async play(t) {
      const channel = await t.channel()
      await channel.confirms()
      for (const name of ['a', 'b', 'c']) {
        await channel.queue(name)
        await channel.bind(name, 'amq.fanout')
      }
      await channel.put('', 'x', { deliveryMode: 2 }, { exchange: 'amq.fanout' })
      for (const name of ['a', 'b', 'c']) await channel.count(name)
    },
  },
  {
    title: 'a message to a queue that has just been deleted is confirmed',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      await channel.put('q', 'a')
      await channel.call('queue.delete', { queue: 'q' })
      await channel.put('q', 'b', {}, { mandatory: true })
    },
  },
  {
    title: 'a message to a quorum queue is confirmed',
    async play(t) {
      const channel = await t.channel()
      await channel.quorum('q')
      await channel.confirms()
      await channel.put('q', 'a')
      await channel.put('q', 'b', { deliveryMode: 1 })
      await channel.count('q')
    },
  },
  {
    title: 'a message that a full queue rejects is refused by basic.nack',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } })
      await channel.confirms()
      for (const body of ['a', 'b']) await channel.put('q', body)
      await channel.get('q')
      await channel.put('q', 'c')
      await channel.get('q')
    },
  },
  {
    title: 'one of two queues is full: the message is refused, and in the other queue all the same',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('full', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } })
      await channel.queue('free')
      for (const name of ['full', 'free']) await channel.bind(name, 'amq.fanout')
      await channel.confirms()
      for (const body of ['a', 'b']) await channel.put('', body, {}, { exchange: 'amq.fanout' })
      for (const name of ['full', 'free']) await channel.count(name)
    },
  },
  {
    title: 'a message that a consumer gets at once is confirmed',
    async play(t) {
      const client = await t.connect()
      const [publisher, consumer] = [await client.channel(1), await client.channel(2)]
      await publisher.queue('q')
      await publisher.confirms()
      await consumer.consume('q', 'c', { noAck: true })
      await publisher.put('q', 'a', { deliveryMode: 2 })
      await consumer.deliveries(1)
    },
  },
  {
    title: 'a basic.ack from a client that is a publisher only',
    async play(t) {
      const channel = await t.channel()
      await channel.confirms()
      await channel.put('nowhere', 'a')
      channel.ack(1)
      await channel.fails()
    },
  },
]

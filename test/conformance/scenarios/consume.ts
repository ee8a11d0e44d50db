import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'a consumer gets what is there and what comes',
    async play(t) {
      const client = await t.connect()
      const [publisher, consumer] = [await client.channel(1), await client.channel(2)]
      await publisher.queue('q')
      await publisher.confirms()
      for (const body of ['a', 'b']) await publisher.put('q', body)
      await consumer.consume('q', 'c')
      await consumer.deliveries(2)
      await publisher.put('q', 'c')
      await consumer.deliveries(1)
      await consumer.count('q')
    },
  },
  {
    title: 'the server names a consumer',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      const { args } = await channel.consume('q', '')
      await channel.consume('q', '')
      await channel.cancel(String(args['consumerTag']))
    },
  },
  {
    title: 'a consumer tag that the channel has is refused',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.consume('q', 'c')
      channel.send('basic.consume', { queue: 'q', consumerTag: 'c' })
      await channel.client.ended()
    },
  },
  {
    title: 'a queue that is not there is consumed',
    async play(t) {
      await (await t.channel()).consume('nowhere', 'c')
    },
  },
  {
    title: 'two consumers take turns',
    async play(t) {
      const publisher = await t.channel('publisher')
      await publisher.queue('q')
      await publisher.confirms()
      const [a, b] = [await t.channel('a'), await t.channel('b')]
      await a.consume('q', 'a')
      await b.consume('q', 'b')
      for (let n = 1; n <= 6; n++) await publisher.put('q', String(n))
      await Promise.all([a.deliveries(3), b.deliveries(3)])
    },
  },
  {
    title: 'three consumers on one channel take turns in the order in which they came',
    async play(t) {
      const client = await t.connect()
      const [publisher, channel] = [await client.channel(1), await client.channel(2)]
      await publisher.queue('q')
      await publisher.confirms()
      for (const tag of ['a', 'b', 'c']) await channel.consume('q', tag)
      for (let n = 1; n <= 7; n++) {
        await publisher.put('q', String(n))
        await channel.deliveries(1)
      }
    },
  },
  {
    title: 'a consumer that joins later takes its turn',
    async play(t) {
      const client = await t.connect()
      const [publisher, channel] = [await client.channel(1), await client.channel(2)]
      await publisher.queue('q')
      await publisher.confirms()
      await channel.consume('q', 'a')
      const put = async (body: string) => {
        await publisher.put('q', body)
        await channel.deliveries(1)
      }
      await put('1')
      await channel.consume('q', 'b')
      for (const body of ['2', '3', '4']) await put(body)
      await channel.cancel('a')
      for (const body of ['5', '6']) await put(body)
    },
  },
  {
    title: 'a consumer at its limit is passed over',
    async play(t) {
      const client = await t.connect()
      const [publisher, channel] = [await client.channel(1), await client.channel(2)]
      await publisher.queue('q')
      await publisher.confirms()
      await channel.qos(1)
      await channel.consume('q', 'a')
      await channel.qos(3)
      await channel.consume('q', 'b')
      for (let n = 1; n <= 4; n++) {
        await publisher.put('q', String(n))
        await channel.deliveries(1)
      }
      await publisher.put('q', '5')
      await channel.count('q')
      channel.ack(1)
      await channel.deliveries(1)
    },
  },
  {
    title: 'an exclusive consumer is the only one',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel(1)
      await channel.queue('q')
      await channel.consume('q', 'c', { exclusive: true })
      await (await client.channel(2)).consume('q', 'd')
      await channel.cancel('c')
      await (await client.channel(3)).consume('q', 'd')
    },
  },
  {
    title: 'a queue with a consumer can not be consumed exclusively',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel(1)
      await channel.queue('q')
      await channel.consume('q', 'c')
      await (await client.channel(2)).consume('q', 'd', { exclusive: true })
    },
  },
  {
    title: 'without acknowledgement messages are gone once they are delivered',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      for (const body of ['a', 'b']) await channel.put('q', body)
      await channel.consume('q', 'c', { noAck: true })
      await channel.deliveries(2)
      await channel.call('channel.close', { replyCode: 200 })
      await channel.call('channel.open')
      await channel.count('q')
    },
  },
  {
    title: 'no-local is ignored',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.consume('q', 'c', { noLocal: true })
      channel.publish('q', 'my own')
      await channel.deliveries(1)
    },
  },
  {
    title: 'consumers of a higher priority come first, as long as they may',
    async play(t) {
      const client = await t.connect()
      const [publisher, channel] = [await client.channel(1), await client.channel(2)]
      await publisher.queue('q')
      await publisher.confirms()
      await channel.qos(2)
      await channel.consume('q', 'low', { arguments: { 'x-priority': -1 } })
      await channel.consume('q', 'plain')
      await channel.consume('q', 'high', { arguments: { 'x-priority': 5 } })
      for (let n = 1; n <= 6; n++) {
        await publisher.put('q', String(n))
        await channel.deliveries(1)
      }
      await publisher.put('q', '7')
      channel.ack(2)
      await channel.deliveries(1)
    },
  },
  {
    title: 'a consumer priority that is no number is refused',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.consume('q', 'c', { arguments: { 'x-priority': 'high' } })
    },
  },
  {
    title: 'one connection consumes what another one published, large and small',
    async play(t) {
      const [publisher, consumer] = [await t.channel('publisher'), await t.channel('consumer')]
      await publisher.queue('q')
      await publisher.confirms()
      await consumer.consume('q', 'c')
      for (const size of [0, 1, 131_064, 131_065, 300_000]) {
        await publisher.put('q', 'x'.repeat(size))
        await consumer.deliveries(1)
      }
    },
  },
]

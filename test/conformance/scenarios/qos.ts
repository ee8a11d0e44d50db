import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

/** A queue with messages 1 to `count`, and a channel to consume them on. */
async function filled(t: Stage, count: number): Promise<Channel> {
  const client = await t.connect()
  const [publisher, consumer] = [await client.channel(1), await client.channel(2)]
  publisher.noting = false
  await publisher.queue('q')
  await publisher.confirms()
  for (let n = 1; n <= count; n++) await publisher.put('q', String(n))
  return consumer
}

export const scenarios: Scenario[] = [
  {
    title: 'a limit of 2 leaves the rest in the queue until there is room',
    async play(t) {
      const channel = await filled(t, 5)
      await channel.qos(2)
      await channel.consume('q', 'c')
      await channel.deliveries(2)
      await channel.count('q')
      channel.ack(1)
      await channel.deliveries(1)
      channel.ack(3, true)
      await channel.deliveries(2)
      await channel.count('q')
    },
  },
  {
    title: 'each consumer of a channel has the limit for itself',
    async play(t) {
      const channel = await filled(t, 6)
      await channel.qos(2)
      await channel.consume('q', 'a')
      await channel.deliveries(2)
      await channel.consume('q', 'b')
      await channel.deliveries(2)
      await channel.count('q')
    },
  },
  {
    title: 'a limit holds for consumers that come after it',
    async play(t) {
      const channel = await filled(t, 4)
      await channel.qos(1)
      await channel.consume('q', 'a')
      await channel.deliveries(1)
      await channel.qos(2)
      await channel.count('q')
      await channel.consume('q', 'b')
      await channel.deliveries(2)
      await channel.count('q')
    },
  },
  {
    title: 'a global limit is answered',
    async play(t) {
      const channel = await filled(t, 5)
      await channel.qos(2, true)
      await channel.consume('q', 'a')
      await channel.deliveries(2)
      await channel.consume('q', 'b')
      await channel.count('q')
    },
  },
  {
    title: 'a limit of 0 is none',
    async play(t) {
      const channel = await filled(t, 5)
      await channel.qos(1)
      await channel.qos(0)
      await channel.consume('q', 'c')
      await channel.deliveries(5)
    },
  },
  {
    title: 'a limit of bytes is not there',
    async play(t) {
      const channel = await t.channel()
      channel.send('basic.qos', { prefetchSize: 1_000, prefetchCount: 1 })
      await channel.client.ended()
    },
  },
  {
    title: 'without acknowledgement there is no limit',
    async play(t) {
      const channel = await filled(t, 5)
      await channel.qos(1)
      await channel.consume('q', 'c', { noAck: true })
      await channel.deliveries(5)
    },
  },
  {
    title: 'messages that were got do not count toward the limit of a consumer',
    async play(t) {
      const channel = await filled(t, 4)
      await channel.qos(1)
      await channel.get('q', false)
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      await channel.count('q')
    },
  },
  {
    title: 'a rejected message makes room',
    async play(t) {
      const channel = await filled(t, 3)
      await channel.qos(1)
      await channel.consume('q', 'c')
      for (let n = 1; n <= 3; n++) {
        await channel.deliveries(1)
        channel.reject(n, false)
      }
      await channel.get('q')
    },
  },
  {
    title: 'a message that goes back makes room, and comes again first',
    async play(t) {
      const channel = await filled(t, 3)
      await channel.qos(1)
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      channel.nack(1)
      await channel.deliveries(1)
      channel.ack(2)
      await channel.deliveries(1)
    },
  },
]

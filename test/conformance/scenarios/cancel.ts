import { CAPABILITIES } from '../client.ts'
import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'a consumer that is cancelled gets nothing more, and may settle what it has',
    async play(t) {
      const client = await t.connect()
      const [publisher, channel] = [await client.channel(1), await client.channel(2)]
      await publisher.queue('q')
      await publisher.confirms()
      await publisher.put('q', 'a')
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      await channel.cancel('c')
      await publisher.put('q', 'b')
      await channel.count('q')
      channel.ack(1)
      await channel.call('channel.close', { replyCode: 200 })
      await publisher.count('q')
    },
  },
  {
    title: 'unacknowledged messages of a cancelled consumer stay with the channel',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      await channel.put('q', 'a')
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      await channel.cancel('c')
      await channel.count('q')
      channel.nack(1)
      await channel.until('q', 'messageCount', 1)
    },
  },
  {
    title: 'a consumer that is not there is cancelled',
    async play(t) {
      await (await t.channel()).cancel('nobody')
    },
  },
  {
    title: 'a tag is used again after its consumer was cancelled',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.consume('q', 'c')
      await channel.cancel('c')
      await channel.consume('q', 'c')
      await channel.count('q')
    },
  },
  {
    title: 'consumers are told when their queue is deleted',
    async play(t) {
      const [owner, other] = [await t.channel('owner'), await t.channel('other')]
      await owner.queue('q')
      await other.consume('q', 'one')
      await other.consume('q', 'two')
      await owner.call('queue.delete', { queue: 'q' })
      for (let n = 0; n < 2; n++) await other.next('basic.cancel')
      await other.queue('q')
      await other.consume('q', 'one')
    },
  },
  {
    title: 'consumers that can not be told are not told',
    async play(t) {
      const properties = { capabilities: { ...CAPABILITIES, consumer_cancel_notify: false } }
      const [owner, other] = [await t.channel('owner'), await t.channel('other', { properties })]
      await owner.queue('q')
      await other.consume('q', 'c')
      await owner.call('queue.delete', { queue: 'q' })
      await other.qos(1)
      await t.quiet('a basic.cancel', 100)
      await other.count('q')
    },
  },
  {
    title: 'messages of a queue that was deleted can still be acknowledged',
    async play(t) {
      const client = await t.connect()
      const [channel, other] = [await client.channel(1), await client.channel(2)]
      await channel.queue('q')
      await channel.confirms()
      for (const body of ['a', 'b']) await channel.put('q', body)
      await channel.consume('q', 'c')
      await channel.deliveries(2)
      await other.call('queue.delete', { queue: 'q' })
      await channel.next('basic.cancel')
      channel.ack(1)
      channel.nack(2)
      await channel.qos(1)
    },
  },
  {
    title: 'the consumers of an exclusive queue are told when it is deleted',
    async play(t) {
      const client = await t.connect()
      const [first, second] = [await client.channel(1), await client.channel(2)]
      await first.queue('q', { exclusive: true })
      await first.consume('q', 'c')
      await second.call('queue.delete', { queue: 'q' })
      await first.next('basic.cancel')
    },
  },
  {
    title: 'the consumer of a quorum queue is told when it is deleted',
    async play(t) {
      const [owner, other] = [await t.channel('owner'), await t.channel('other')]
      await owner.quorum('q')
      await other.consume('q', 'c')
      await owner.call('queue.delete', { queue: 'q' })
      await other.next('basic.cancel')
    },
  },
]

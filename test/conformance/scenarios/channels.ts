import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'a channel is opened and closed',
    async play(t) {
      const channel = (await t.connect()).bare(1)
      await channel.call('channel.open')
      await channel.call('channel.close', { replyCode: 200, replyText: 'bye' })
    },
  },
  {
    title: 'a channel that is open is opened again',
    async play(t) {
      const channel = await t.channel()
      channel.send('channel.open')
      await channel.client.next('connection.close')
      await channel.client.ended()
    },
  },
  {
    title: 'a closed channel number is used again, and its delivery tags begin at 1',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel(1)
      await channel.queue('q')
      await channel.confirms()
      for (const body of ['a', 'b', 'c']) await channel.put('q', body)
      await channel.get('q')
      await channel.get('q')
      await channel.call('channel.close', { replyCode: 200 })
      await channel.call('channel.open')
      await channel.get('q')
    },
  },
  {
    title: 'a channel that failed is opened again',
    async play(t) {
      const channel = await t.channel()
      await channel.count('no such queue')
      await channel.call('channel.open')
      await channel.queue('q')
    },
  },
  {
    title: 'what comes after an error of the channel is ignored until close-ok',
    async play(t) {
      const client = await t.connect()
      client.polite = false
      const channel = await client.channel(1)
      await channel.queue('q')
      await channel.count('no such queue')
      channel.send('queue.delete', { queue: 'q' })
      channel.publish('q', 'lost')
      channel.send('channel.close-ok')
      await (await client.channel(2)).count('q')
      await channel.call('channel.open')
    },
  },
  {
    title: "channel.close crosses the server's channel.close",
    async play(t) {
      const client = await t.connect()
      client.polite = false
      const channel = await client.channel(1)
      await channel.count('no such queue')
      await channel.call('channel.close', { replyCode: 200 })
      channel.send('channel.close-ok')
      await channel.call('channel.open')
    },
  },
  {
    title: 'a channel that is closed gives its messages back in their old order',
    async play(t) {
      const client = await t.connect()
      const [lost, heir] = [await client.channel(1), await client.channel(2)]
      await lost.queue('q')
      await lost.confirms()
      for (const body of ['a', 'b', 'c', 'd']) await lost.put('q', body)
      await lost.consume('q', 'lost')
      await lost.deliveries(4)
      lost.ack(2)
      await lost.call('channel.close', { replyCode: 200 })
      await heir.consume('q', 'heir')
      await heir.deliveries(3)
    },
  },
  {
    title: 'a channel that is closed ends its consumers',
    async play(t) {
      const client = await t.connect()
      const [gone, stays] = [await client.channel(1), await client.channel(2)]
      await gone.queue('q')
      await gone.consume('q', 'c')
      await stays.count('q')
      await gone.call('channel.close', { replyCode: 200 })
      await stays.count('q')
    },
  },
  {
    title: 'channel.flow that is on is confirmed',
    async play(t) {
      const channel = await t.channel()
      await channel.call('channel.flow', { active: true })
    },
  },
  {
    title: 'channel.flow that stops deliveries is not there',
    async play(t) {
      const channel = await t.channel()
      await channel.call('channel.flow', { active: false })
    },
  },
  {
    title: 'channels may have any number up to channel_max',
    async play(t) {
      const client = await t.connect()
      for (const number of [2047, 7, 1]) await client.bare(number).call('channel.open')
    },
  },
  {
    title: 'a channel number above channel_max will do as long as there are not too many',
    async play(t) {
      const client = await t.connect()
      await client.bare(2048).call('channel.open')
      await client.bare(65_535).call('channel.open')
    },
  },
  {
    title: 'two channels have the same consumer tag',
    async play(t) {
      const client = await t.connect()
      const [first, second] = [await client.channel(1), await client.channel(2)]
      await first.queue('q')
      await first.consume('q', 'same')
      await second.consume('q', 'same')
      await first.count('q')
    },
  },
  {
    title: 'the blank queue name stands for the last one declared on the channel',
    async play(t) {
      const client = await t.connect()
      const [first, second] = [await client.channel(1), await client.channel(2)]
      await first.queue('one')
      await first.queue('two')
      await second.queue('three')
      await first.confirms()
      await first.put('two', 'for two')
      await first.get('')
      await first.bind('', 'amq.direct', 'key')
      await first.consume('', 'c')
      await first.cancel('c')
      await first.call('queue.purge', { queue: '' })
      await first.call('queue.delete', { queue: '' })
      await second.count('one')
      await second.count('two')
    },
  },
  {
    title: 'the blank queue name where none was declared',
    async play(t) {
      const client = await t.connect()
      await (await client.channel(1)).get('')
      await (await client.channel(2)).consume('', 'c')
      await (await client.channel(3)).bind('', 'amq.direct', 'key')
      await (await client.channel(4)).call('queue.delete', { queue: '' })
    },
  },
]

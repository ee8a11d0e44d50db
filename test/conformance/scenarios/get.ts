import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'basic.get takes messages in order, and tells how many are left',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      for (const body of ['a', 'b', 'c']) await channel.put('q', body)
      for (let n = 0; n < 4; n++) await channel.get('q')
    },
  },
  {
    title: 'basic.get from a queue that is not there',
    async play(t) {
      await (await t.channel()).get('nowhere')
    },
  },
  {
    title: 'a message that was got is acknowledged',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      for (const body of ['a', 'b']) await channel.put('q', body)
      await channel.get('q', false)
      await channel.count('q')
      channel.ack(1)
      await channel.call('channel.close', { replyCode: 200 })
      await channel.call('channel.open')
      await channel.count('q')
      await channel.get('q')
    },
  },
  {
    title: 'a message that was got without acknowledgement can not be acknowledged',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      await channel.put('q', 'a')
      await channel.get('q', true)
      channel.ack(1)
      await channel.fails()
    },
  },
  {
    title: 'basic.get and basic.deliver share the tags of a channel',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.queue('p')
      await channel.confirms()
      for (const queue of ['q', 'p', 'p']) await channel.put(queue, queue)
      await channel.get('p', false)
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      await channel.get('p', true)
      channel.ack(2, true)
      await channel.qos(1)
    },
  },
  {
    title: 'basic.get is not bound by the prefetch limit',
    async play(t) {
      const channel = await t.channel()
      await channel.qos(1)
      await channel.queue('q')
      await channel.confirms()
      for (const body of ['a', 'b']) await channel.put('q', body)
      for (let n = 0; n < 2; n++) await channel.get('q', false)
    },
  },
]

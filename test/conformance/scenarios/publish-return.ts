import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'a message to an exchange that is not there closes the channel',
    async play(t) {
      const channel = await t.channel()
      await channel.confirms()
      channel.publish('k', 'body', {}, { exchange: 'nowhere' })
      await channel.fails()
    },
  },
  {
    title: 'a message that fits nowhere is dropped without a word',
    async play(t) {
      const channel = await t.channel()
      channel.publish('nowhere', 'body')
      await channel.qos(1)
    },
  },
  {
    title: 'a mandatory message that fits nowhere is returned as it was',
    async play(t) {
      const channel = await t.channel()
      channel.publish('nowhere', 'body', { contentType: 'a/b', headers: { n: 1 }, messageId: 'm' }, { mandatory: true })
      await channel.next('basic.return')
      channel.publish('k', '', {}, { exchange: 'amq.topic', mandatory: true })
      await channel.next('basic.return')
    },
  },
  {
    title: 'a mandatory message that fits is not returned',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      await channel.put('q', 'body', {}, { mandatory: true })
    },
  },
  {
    title: 'an immediate message is refused',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      channel.publish('q', 'body', {}, { immediate: true })
      await channel.client.ended()
    },
  },
  {
    title: 'a large mandatory message is returned whole',
    async play(t) {
      const channel = await t.channel()
      channel.publish('nowhere', 'x'.repeat(200_000), {}, { mandatory: true })
      await channel.next('basic.return')
    },
  },
  {
    title: 'a user-id of somebody else is refused',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      channel.publish('q', 'body', { userId: 'somebody' })
      await channel.fails()
    },
  },
  {
    title: 'an expiration that is no number is refused',
    async play(t) {
      const client = await t.connect()
      for (const [index, expiration] of ['soon', '-1', '', '1.5'].entries()) {
        const channel = await client.channel(index + 1)
        await channel.queue('q')
        await channel.confirms()
        await channel.put('q', 'body', { expiration })
      }
    },
  },
  {
    title: 'a message goes to the default exchange by the name of its queue',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('a.b')
      await channel.queue('a.*')
      await channel.confirms()
      await channel.put('a.b', 'body')
      await channel.count('a.b')
      await channel.count('a.*')
    },
  },
]

import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'a client closes its connection',
    async play(t) {
      const client = await t.connect()
      await client.channel()
      await client.close()
    },
  },
  {
    title: 'what is sent after connection.close is ignored',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel()
      await channel.queue('q')
      client.send(0, 'connection.close', { replyCode: 200, replyText: 'bye' })
      channel.send('queue.delete', { queue: 'q' })
      await client.next('connection.close-ok')
      client.drop()
      await (await t.channel('other')).count('q')
    },
  },
  {
    title: 'a socket that is cut gives unacknowledged messages back',
    async play(t) {
      const lost = await t.channel('lost')
      await lost.queue('q')
      await lost.confirms()
      for (const body of ['a', 'b', 'c']) await lost.put('q', body)
      for (let n = 0; n < 2; n++) await lost.get('q', false)
      const heir = await t.channel('heir')
      lost.client.drop()
      await heir.until('q', 'messageCount', 3)
      await heir.consume('q', 'heir')
      await heir.deliveries(3)
    },
  },
  {
    title: 'a connection that ends takes its exclusive queue with it',
    async play(t) {
      const owner = await t.channel('owner')
      await owner.queue('q', { exclusive: true })
      await owner.client.close()
      await (await t.channel('other')).count('q')
    },
  },
  {
    title: 'a new secret is taken',
    async play(t) {
      const client = await t.connect()
      client.send(0, 'connection.update-secret', { newSecret: t.vhost.password, reason: 'as a test' })
      await client.next('connection.update-secret-ok')
      await (await client.channel()).queue('q')
    },
  },
  {
    title: 'a new secret that is wrong is taken as well',
    async play(t) {
      const client = await t.connect()
      client.send(0, 'connection.update-secret', { newSecret: 'wrong', reason: 'as a test' })
      await client.next('connection.update-secret-ok')
      await (await client.channel()).queue('q')
    },
  },
  {
    title: 'an error of one channel leaves the others alone',
    async play(t) {
      const client = await t.connect()
      const [bad, good] = [await client.channel(1), await client.channel(2)]
      await bad.count('no such queue')
      await good.queue('q')
    },
  },
  {
    title: 'an error of the connection ends all channels, and their messages go back',
    async play(t) {
      const bad = await t.connect('bad')
      const [first, second] = [await bad.channel(1), await bad.channel(2)]
      await first.queue('q')
      await first.confirms()
      await first.put('q', 'a')
      await first.get('q', false)
      second.publish('q', 'b', {}, { immediate: true })
      await bad.next('connection.close')
      await bad.ended()
      const good = await t.channel('good')
      await good.consume('q', 'c')
      await good.deliveries(1)
    },
  },
  {
    title: 'what comes after an error of the connection is ignored until close-ok',
    async play(t) {
      const client = await t.connect()
      client.polite = false
      const channel = await client.channel()
      await channel.queue('q')
      client.send(0, 'channel.open')
      await client.next('connection.close')
      channel.send('queue.delete', { queue: 'q' })
      client.send(0, 'connection.close-ok')
      await client.ended()
      await (await t.channel('other')).count('q')
    },
  },
  {
    title: 'both sides close at once',
    async play(t) {
      const client = await t.connect()
      client.polite = false
      client.send(0, 'channel.open')
      client.send(0, 'connection.close', { replyCode: 200, replyText: 'bye' })
      await client.next('connection.close-ok')
    },
  },
]

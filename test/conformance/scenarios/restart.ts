import type { Channel } from '../channel.ts'
import type { Scenario } from '../stage.ts'

async function drain(channel: Channel, queue: string): Promise<void> {
  for (let answer = 'basic.get-ok'; answer === 'basic.get-ok'; ) answer = (await channel.get(queue)).name
}

/** Scenarios with a restart share it; each sees its own connections end. */
export const scenarios: Scenario[] = [
  {
    title: 'a restart closes connections with 320',
    restarts: true,
    async play(t) {
      const client = await t.connect()
      await client.channel()
      await t.restart()
      await client.ended()
    },
  },
  {
    title: 'persistent messages in durable queues stay, in order, and others go',
    restarts: true,
    async play(t) {
      const before = await t.channel('before')
      await before.queue('durable')
      await before.confirms()
      for (const body of ['a', 'b', 'c', 'd']) {
        await before.put('durable', body, { deliveryMode: body === 'b' ? 1 : 2 })
      }
      await t.restart()
      await drain(await t.channel('after'), 'durable')
    },
  },
  {
    title: 'what was unacknowledged comes again after a restart',
    restarts: true,
    async play(t) {
      const before = await t.channel('before')
      await before.queue('durable')
      await before.confirms()
      for (const body of ['a', 'b', 'c']) await before.put('durable', body, { deliveryMode: 2 })
      await before.get('durable', false)
      await before.get('durable', false)
      before.ack(1)
      await before.count('durable')
      await t.restart()
      await drain(await t.channel('after'), 'durable')
    },
  },
  {
    title: 'queues that are not durable, or exclusive, go with a restart',
    restarts: true,
    async play(t) {
      const before = await t.channel('before')
      await before.queue('transient', { durable: false })
      await before.queue('exclusive', { exclusive: true })
      await before.queue('auto-delete', { autoDelete: true })
      await t.restart()
      const after = await t.connect('after')
      await (await after.channel(1)).count('transient')
      await (await after.channel(2)).count('exclusive')
      await (await after.channel(3)).count('auto-delete')
    },
  },
  {
    title: 'exchanges and their bindings stay, also those that are not durable',
    restarts: true,
    async play(t) {
      const before = await t.channel('before')
      await before.queue('q')
      await before.exchange('durable', 'topic', { durable: true })
      await before.exchange('transient', 'topic')
      await before.bind('q', 'durable', 'a.*')
      await before.bind('q', 'transient', 'a.*')
      await before.call('exchange.bind', { destination: 'durable', source: 'amq.fanout' })
      await t.restart()
      const after = await t.connect('after')
      const channel = await after.channel(1)
      await channel.confirms()
      await channel.put('a.b', '1', {}, { exchange: 'durable', mandatory: true })
      await channel.put('a.c', '2', {}, { exchange: 'amq.fanout', mandatory: true })
      await channel.count('q')
      const other = await after.channel(2)
      const { name } = await other.exchange('transient', 'topic', { passive: true })
      if (name === 'channel.close') return
      other.publish('a.d', '3', {}, { exchange: 'transient', mandatory: true })
      await other.qos(1)
    },
  },
  {
    title: 'arguments of a queue hold after a restart',
    restarts: true,
    async play(t) {
      const before = await t.channel('before')
      const limits = { 'x-max-length': 1, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
      await before.queue('dead')
      await before.queue('q', { arguments: limits })
      await t.restart()
      const after = await t.channel('after')
      await after.queue('q', { arguments: limits })
      await after.confirms()
      for (const body of ['a', 'b']) await after.put('q', body)
      await after.until('dead', 'messageCount', 1)
      await after.count('q')
    },
  },
  {
    title: 'a quorum queue keeps its messages',
    restarts: true,
    async play(t) {
      const before = await t.channel('before')
      await before.quorum('q')
      await before.confirms()
      for (const body of ['a', 'b']) await before.put('q', body, { deliveryMode: body === 'a' ? 1 : 2 })
      await t.restart()
      const after = await t.channel('after')
      await after.until('q', 'messageCount', 2)
      await drain(after, 'q')
    },
  },
]

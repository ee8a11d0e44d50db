import type { Channel } from '../channel.ts'
import type { Scenario } from '../stage.ts'

/** Tells how many messages each queue holds: where something was routed to. */
async function counts(channel: Channel, ...queues: string[]): Promise<void> {
  for (const queue of queues) await channel.count(queue)
}

async function queues(channel: Channel, ...names: string[]): Promise<void> {
  for (const name of names) await channel.queue(name)
  await channel.confirms()
}

export const scenarios: Scenario[] = [
  {
    title: 'a direct exchange routes by the whole key, to every queue bound with it',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a', 'b', 'c')
      await channel.bind('a', 'amq.direct', 'red')
      await channel.bind('b', 'amq.direct', 'red')
      await channel.bind('c', 'amq.direct', 'red.dark')
      await channel.put('red', '1', {}, { exchange: 'amq.direct' })
      await counts(channel, 'a', 'b', 'c')
    },
  },
  {
    title: 'a fanout exchange ignores the key',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a', 'b')
      await channel.bind('a', 'amq.fanout', 'one')
      await channel.bind('b', 'amq.fanout', 'two')
      await channel.put('three', '1', {}, { exchange: 'amq.fanout' })
      await counts(channel, 'a', 'b')
    },
  },
  {
    title: 'two bindings that fit bring a message once',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a')
      await channel.bind('a', 'amq.topic', '#')
      await channel.bind('a', 'amq.topic', 'k')
      await channel.bind('a', 'amq.topic', 'k')
      await channel.put('k', '1', {}, { exchange: 'amq.topic' })
      await counts(channel, 'a')
    },
  },
  {
    title: 'a binding made twice is taken away once',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a')
      for (let n = 0; n < 2; n++) await channel.bind('a', 'amq.direct', 'k')
      await channel.call('queue.unbind', { queue: 'a', exchange: 'amq.direct', routingKey: 'k' })
      await channel.put('k', '1', {}, { exchange: 'amq.direct', mandatory: true })
    },
  },
  {
    title: 'bindings that differ in their arguments are two',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a')
      await channel.bind('a', 'amq.direct', 'k', { n: 1 })
      await channel.bind('a', 'amq.direct', 'k', { n: 2 })
      const unbind = { queue: 'a', exchange: 'amq.direct', routingKey: 'k' }
      await channel.call('queue.unbind', { ...unbind, arguments: { n: 1 } })
      await channel.put('k', '1', {}, { exchange: 'amq.direct', mandatory: true })
      await channel.call('queue.unbind', { ...unbind, arguments: { n: 2 } })
      await channel.put('k', '2', {}, { exchange: 'amq.direct', mandatory: true })
    },
  },
  {
    title: 'a binding that is not there is taken away',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('a')
      await channel.call('queue.unbind', { queue: 'a', exchange: 'amq.direct', routingKey: 'k' })
      await channel.call('exchange.unbind', { destination: 'amq.fanout', source: 'amq.direct', routingKey: 'k' })
    },
  },
  {
    title: 'a queue or an exchange that is not there can not be bound',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel(1)
      await channel.queue('a')
      await channel.bind('a', 'nowhere', 'k')
      await (await client.channel(2)).bind('nothing', 'amq.direct', 'k')
      await (await client.channel(3)).call('exchange.bind', { destination: 'nowhere', source: 'amq.direct' })
      await (await client.channel(4)).call('exchange.bind', { destination: 'amq.direct', source: 'nowhere' })
    },
  },
  {
    title: 'a queue or an exchange that is not there is unbound',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel(1)
      await channel.queue('a')
      await channel.call('queue.unbind', { queue: 'a', exchange: 'nowhere', routingKey: 'k' })
      await (await client.channel(2)).call('queue.unbind', { queue: 'nothing', exchange: 'amq.direct' })
      await (await client.channel(3)).call('exchange.unbind', { destination: 'nowhere', source: 'amq.direct' })
    },
  },
  {
    title: 'the default exchange can not be bound to',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel(1)
      await channel.queue('a')
      await channel.bind('a', '', 'k')
      await (await client.channel(2)).call('queue.unbind', { queue: 'a', exchange: '', routingKey: 'a' })
      await (await client.channel(3)).call('exchange.bind', { destination: 'amq.direct', source: '' })
      await (await client.channel(4)).call('exchange.bind', { destination: '', source: 'amq.direct' })
    },
  },
  {
    title: 'a message goes from exchange to exchange',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a')
      await channel.exchange('second', 'topic')
      await channel.call('exchange.bind', { destination: 'second', source: 'amq.direct', routingKey: 'k.1' })
      await channel.bind('a', 'second', 'k.*')
      await channel.put('k.1', '1', {}, { exchange: 'amq.direct' })
      await channel.put('k.2', '2', {}, { exchange: 'amq.direct', mandatory: true })
      await channel.get('a')
      await counts(channel, 'a')
    },
  },
  {
    title: 'exchanges bound in a circle bring a message once',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a')
      await channel.exchange('x', 'fanout')
      await channel.exchange('y', 'fanout')
      await channel.call('exchange.bind', { destination: 'y', source: 'x' })
      await channel.call('exchange.bind', { destination: 'x', source: 'y' })
      await channel.bind('a', 'x')
      await channel.bind('a', 'y')
      await channel.put('k', '1', {}, { exchange: 'x' })
      await counts(channel, 'a')
    },
  },
  {
    title: 'an exchange that is deleted takes its bindings along',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a')
      await channel.exchange('x', 'fanout')
      await channel.bind('a', 'x')
      await channel.call('exchange.delete', { exchange: 'x' })
      await channel.exchange('x', 'fanout')
      await channel.put('k', '1', {}, { exchange: 'x', mandatory: true })
    },
  },
  {
    title: 'a queue that is deleted takes its bindings along',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a')
      await channel.bind('a', 'amq.fanout')
      await channel.call('queue.delete', { queue: 'a' })
      await channel.queue('a')
      await channel.put('k', '1', {}, { exchange: 'amq.fanout', mandatory: true })
    },
  },
  {
    title: 'CC and BCC add routing keys, and BCC is not shown',
    async play(t) {
      const channel = await t.channel()
      await queues(channel, 'a', 'b', 'c')
      await channel.put('a', '1', { headers: { CC: ['b'], BCC: ['c'], other: 1 } })
      for (const name of ['a', 'b', 'c']) await channel.get(name)
    },
  },
  {
    title: 'a CC that is no list is refused',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('a')
      channel.publish('a', '1', { headers: { CC: 'b' } })
      await channel.fails()
    },
  },
]

import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

/** An operator closes the only connection. Its client has been told so, but has not answered when this resolves. */
async function forceClosed(t: Stage, { client }: Channel): Promise<void> {
  client.polite = false
  const [seen] = await t.vhost.connections()
  await t.vhost.closeConnection(seen?.id ?? '')
  await client.next('connection.close')
}

/** What a client declares again when it comes back: an exclusive queue, fed through two exchanges that go with it. */
async function topology(channel: Channel): Promise<void> {
  await channel.exchange('source', 'fanout', { autoDelete: true })
  await channel.exchange('destination', 'fanout', { autoDelete: true })
  await channel.call('exchange.bind', { source: 'source', destination: 'destination' })
  await channel.queue('own', { exclusive: true })
  await channel.bind('own', 'destination')
}

/**
 * Waits until a queue of the last connection is gone. RabbitMQ deletes it before it says connection.close, but others
 * may see it for a moment longer.
 */
async function untilGone(channel: Channel, queue: string): Promise<void> {
  channel.noting = false
  for (let code: unknown; code !== 404; ) {
    const { name, args } = await channel.count(queue)
    if (name !== 'channel.close') continue
    code = args['replyCode']
    await channel.call('channel.open')
  }
  channel.noting = true
}

/** Scenarios in which a client's next connection comes at once, while its last one still ends. */
export const scenarios: Scenario[] = [
  {
    title: 'a client that comes back declares its exclusive queue again',
    async play(t) {
      const first = await t.channel('first')
      await first.queue('own', { exclusive: true })
      await first.confirms()
      await first.put('own', 'a')
      await forceClosed(t, first)
      const second = await t.channel('second')
      await untilGone(second, 'own')
      await second.queue('own', { exclusive: true })
    },
  },
  {
    title: 'a client that closes its connection and comes back declares its exclusive queue again',
    async play(t) {
      const first = await t.channel('first')
      await first.queue('own', { exclusive: true })
      await first.client.close()
      const second = await t.channel('second')
      await untilGone(second, 'own')
      await second.queue('own', { exclusive: true })
    },
  },
  {
    title: 'a client that comes back finds its exclusive and its auto-delete queue gone',
    async play(t) {
      const first = await t.channel('first')
      await first.queue('', { exclusive: true })
      await first.queue('own', { exclusive: true })
      await first.queue('auto', { autoDelete: true })
      await first.consume('auto', 'c')
      await forceClosed(t, first)
      const second = await t.connect('second')
      for (const [index, queue] of ['own', 'auto'].entries()) {
        const channel = await second.channel(index + 1)
        await untilGone(channel, queue)
        await channel.count(queue)
      }
    },
  },
  {
    title: 'a client that comes back finds exchanges gone that lost their last binding with its queue',
    async play(t) {
      const first = await t.channel('first')
      await topology(first)
      await forceClosed(t, first)
      const second = await t.connect('second')
      await untilGone(await second.channel(3), 'own')
      for (const [index, exchange] of ['destination', 'source'].entries()) {
        await (await second.channel(index + 1)).call('exchange.declare', { exchange, passive: true })
      }
    },
  },
  {
    title: 'a client that comes back declares its exchanges, bindings and queues again',
    async play(t) {
      const first = await t.channel('first')
      await topology(first)
      await forceClosed(t, first)
      const second = await t.channel('second')
      await untilGone(second, 'own')
      await topology(second)
      await second.confirms()
      await second.put('', 'a', {}, { exchange: 'source' })
      await second.get('own')
    },
  },
  {
    title: 'a client that comes back finds its durable queue, also passively, but not with other properties',
    async play(t) {
      const first = await t.channel('first')
      await first.queue('q')
      await first.count('q')
      await forceClosed(t, first)
      const second = await t.channel('second')
      await second.queue('q')
      await second.count('q')
      await second.queue('q', { durable: false })
    },
  },
  {
    title: 'a client that comes back opens the same channels again',
    async play(t) {
      const first = await t.channel('first')
      for (let number = 2; number <= 10; number++) await first.client.channel(number)
      await forceClosed(t, first)
      const second = await t.connect('second')
      for (let number = 1; number <= 10; number++) await second.bare(number).call('channel.open')
    },
  },
  {
    title: 'a client that comes back consumes exclusively again, under the same tag',
    async play(t) {
      const first = await t.channel('first')
      await first.queue('q')
      await first.confirms()
      await first.put('q', 'a')
      await first.consume('q', 'c', { exclusive: true })
      await first.deliveries(1)
      await forceClosed(t, first)
      const second = await t.channel('second')
      await second.consume('q', 'c', { exclusive: true })
      await second.deliveries(1)
    },
  },
  {
    title: 'a client that comes back begins its transaction anew',
    async play(t) {
      const first = await t.channel('first')
      await first.queue('q')
      await first.transact()
      first.publish('q', 'committed')
      await first.commit()
      await first.get('q', false)
      first.ack(1)
      first.publish('q', 'lost')
      await first.qos(0)
      await forceClosed(t, first)
      const second = await t.channel('second')
      await second.transact()
      await second.get('q', false)
      second.ack(1)
      await second.commit()
      await second.get('q')
    },
  },
  {
    title: 'a client that comes back after its socket was lost declares its exchanges, bindings and queues again',
    async play(t) {
      const first = await t.channel('first')
      await topology(first)
      first.client.drop()
      const second = await t.channel('second')
      await untilGone(second, 'own')
      await topology(second)
    },
  },
  {
    title: 'a client that comes back after its socket was lost finds its auto-delete queue gone',
    async play(t) {
      const first = await t.channel('first')
      await first.queue('auto', { autoDelete: true })
      await first.consume('auto', 'c')
      first.client.drop()
      const second = await t.channel('second')
      await untilGone(second, 'auto')
      await second.count('auto')
    },
  },
  {
    title: 'a client that comes back while its lost connection seems to live finds its exclusive queue locked',
    async play(t) {
      const first = await t.channel('first')
      await first.queue('own', { exclusive: true })
      const second = await t.connect('second')
      await (await second.channel(1)).queue('own', { exclusive: true })
      await (await second.channel(2)).count('own')
      await (await second.channel(3)).consume('own', 'c')
      first.client.drop()
      const third = await t.channel('third')
      await untilGone(third, 'own')
      await third.queue('own', { exclusive: true })
    },
  },
]

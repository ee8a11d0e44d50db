import type { Arguments } from '../../../lab/amqp/methods.ts'
import type { Table } from '../../../lab/amqp/table.ts'
import type { Scenario } from '../stage.ts'

type Declare = Partial<Arguments<'queue.declare'>>

/** A queue is declared, and then again in another way. */
function again(title: string, first: Declare, second: Declare): Scenario {
  return {
    title,
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', first)
      await channel.queue('q', second)
    },
  }
}

/** Each of these arguments is tried on a channel of its own. */
function refused(title: string, ...tries: Table[]): Scenario {
  return {
    title,
    async play(t) {
      const client = await t.connect()
      for (const [index, args] of tries.entries()) {
        const channel = await client.channel(index + 1)
        await channel.queue(`q${index}`, { arguments: args })
      }
    },
  }
}

export const scenarios: Scenario[] = [
  {
    title: 'a queue is declared, again, counted, purged and deleted',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      for (const body of ['a', 'b', 'c']) await channel.put('q', body)
      await channel.queue('q')
      await channel.call('queue.purge', { queue: 'q' })
      await channel.put('q', 'd')
      await channel.call('queue.delete', { queue: 'q' })
      await channel.count('q')
    },
  },
  {
    title: 'the server names a queue',
    async play(t) {
      const channel = await t.channel()
      const { args } = await channel.queue('', { exclusive: true })
      await channel.queue('', { exclusive: true })
      await channel.count(String(args['queue']))
    },
  },
  {
    title: 'a queue that is not there is declared passively',
    async play(t) {
      await (await t.channel()).count('nowhere')
    },
  },
  {
    title: 'a passive declare asks for nothing but the name',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.queue('q', { passive: true, durable: false, autoDelete: true, arguments: { 'x-max-length': 3 } })
    },
  },
  again('a queue declared with another durability', { durable: true }, { durable: false }),
  again('a queue declared with another auto-delete', {}, { autoDelete: true }),
  again('a queue declared as exclusive that is not', {}, { exclusive: true, durable: true }),
  again(
    'a queue declared with another limit',
    { arguments: { 'x-max-length': 1 } },
    { arguments: { 'x-max-length': 2 } },
  ),
  again('a queue declared without its limit', { arguments: { 'x-max-length': 1 } }, {}),
  again('a queue declared with a limit that it has not', {}, { arguments: { 'x-message-ttl': 1_000 } }),
  again('a queue declared with another type', {}, { arguments: { 'x-queue-type': 'quorum' } }),
  again('a quorum queue declared as classic', { arguments: { 'x-queue-type': 'quorum' } }, {}),
  again('a classic queue declared as what it is', {}, { arguments: { 'x-queue-type': 'classic' } }),
  again(
    'numbers of different types are the same argument',
    { arguments: { 'x-max-length': 5 } },
    {
      arguments: { 'x-max-length': { '!': 'int64', value: 5 } },
    },
  ),
  again('an argument that nobody knows does not count', {}, { arguments: { 'my-own': 1 } }),
  again(
    'a queue declared with another dead-letter exchange',
    { arguments: { 'x-dead-letter-exchange': 'a' } },
    {
      arguments: { 'x-dead-letter-exchange': 'b' },
    },
  ),
  again(
    'a queue declared with another leader locator',
    { arguments: { 'x-queue-leader-locator': 'balanced' } },
    { arguments: { 'x-queue-leader-locator': 'client-local' } },
  ),
  again(
    'a quorum queue declared with another consumer timeout',
    { arguments: { 'x-queue-type': 'quorum', 'x-consumer-timeout': 10_000 } },
    { arguments: { 'x-queue-type': 'quorum', 'x-consumer-timeout': 20_000 } },
  ),
  again(
    'a queue declared with several other arguments: the first that is compared is told',
    {},
    { arguments: { 'x-max-length': 1, 'x-queue-type': 'quorum', 'x-dead-letter-exchange': 'a', 'x-message-ttl': 1 } },
  ),
  again(
    'a quorum queue declared with several other arguments',
    { arguments: { 'x-queue-type': 'quorum' } },
    { arguments: { 'x-queue-type': 'quorum', 'x-message-ttl': 1, 'x-expires': 60_000, 'x-max-length': 1 } },
  ),
  refused('a limit that is no number', { 'x-max-length': 'many' }, { 'x-max-length-bytes': true }),
  refused('a limit below zero', { 'x-max-length': -1 }, { 'x-message-ttl': -1 }, { 'x-max-length-bytes': -5 }),
  refused(
    'an expiry of zero, below zero or as text',
    { 'x-expires': 0 },
    { 'x-expires': -1 },
    { 'x-expires': '60000' },
  ),
  refused('a time to live as text or too long', { 'x-message-ttl': '1000' }, { 'x-message-ttl': 2 ** 40 }),
  refused('an overflow that nobody knows', { 'x-overflow': 'explode' }, { 'x-overflow': 1 }),
  refused('a priority out of range', { 'x-max-priority': 256 }, { 'x-max-priority': -1 }, { 'x-max-priority': 'high' }),
  refused('a dead-letter key without an exchange', { 'x-dead-letter-routing-key': 'k' }),
  refused('a dead-letter exchange that is no text', { 'x-dead-letter-exchange': 1 }),
  refused('a queue type that nobody knows', { 'x-queue-type': 'magic' }, { 'x-queue-type': 1 }),
  refused('a delivery limit on a classic queue', { 'x-delivery-limit': 3 }),
  refused('a delivery limit that is no number is taken', { 'x-queue-type': 'quorum', 'x-delivery-limit': 'many' }),
  refused('a lazy queue, and a queue of version 2', { 'x-queue-mode': 'lazy' }, { 'x-queue-version': 2 }),
  refused('a queue of version 1, and of version 3', { 'x-queue-version': 1 }, { 'x-queue-version': 3 }),
  refused('a queue version on a quorum queue', { 'x-queue-type': 'quorum', 'x-queue-version': 2 }),
  refused(
    'arguments of quorum queues on a classic queue',
    { 'x-consumer-timeout': 'long' },
    { 'x-consumer-disconnected-timeout': 10_000 },
    { 'x-delayed-retry-type': 'all' },
    { 'x-max-in-memory-length': 1 },
    { 'x-quorum-initial-group-size': 0 },
    { 'x-quorum-target-group-size': 3 },
  ),
  ...[
    ['x-consumer-timeout', 'long', -1],
    ['x-max-in-memory-length', 'long', -1],
    ['x-quorum-initial-group-size', 'large', 0],
    ['x-dead-letter-strategy', 'luck', 1],
  ].map(([arg, ...values]) =>
    refused(
      `a quorum queue with values of ${arg} that can't be`,
      ...values.map((value) => ({ 'x-queue-type': 'quorum', [String(arg)]: value as string | number })),
    ),
  ),
  refused('a single active consumer that is no boolean', { 'x-single-active-consumer': 'yes' }),
  {
    title: 'a name that begins with amq. is reserved for queues of the server',
    async play(t) {
      await (await t.channel()).queue('amq.mine')
    },
  },
  {
    title: 'an exclusive queue is locked for other connections',
    async play(t) {
      const owner = await t.channel('owner')
      await owner.queue('q', { exclusive: true })
      await (await owner.client.channel(2)).count('q')
      const other = await t.connect('other')
      await (await other.channel(1)).count('q')
      await (await other.channel(2)).queue('q', { exclusive: true })
      await (await other.channel(3)).consume('q', 'c')
      await (await other.channel(4)).get('q')
      await (await other.channel(5)).call('queue.purge', { queue: 'q' })
      await (await other.channel(6)).call('queue.delete', { queue: 'q' })
      await (await other.channel(7)).bind('q', 'amq.fanout')
      await (await other.channel(8)).call('queue.unbind', { queue: 'q', exchange: 'amq.fanout' })
    },
  },
  {
    title: 'anybody may publish to an exclusive queue',
    async play(t) {
      const owner = await t.channel('owner')
      await owner.queue('q', { exclusive: true })
      const other = await t.channel('other')
      await other.confirms()
      await other.put('q', 'hello', {}, { mandatory: true })
      await owner.get('q')
    },
  },
  {
    title: 'a queue that is neither durable nor exclusive',
    async play(t) {
      await (await t.channel()).queue('q', { durable: false })
    },
  },
  {
    title: 'an auto-delete queue goes with its last consumer, not before its first',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { autoDelete: true })
      await channel.count('q')
      await channel.consume('q', 'a')
      await channel.consume('q', 'b')
      await channel.cancel('a')
      await channel.count('q')
      await channel.cancel('b')
      await channel.count('q')
    },
  },
  {
    title: "an auto-delete queue goes with its consumer's channel",
    async play(t) {
      const client = await t.connect()
      const [gone, stays] = [await client.channel(1), await client.channel(2)]
      await gone.queue('q', { autoDelete: true })
      await gone.consume('q', 'a')
      await gone.call('channel.close', { replyCode: 200 })
      await stays.count('q')
    },
  },
  {
    title: 'basic.get does not make an auto-delete queue go',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { autoDelete: true })
      await channel.get('q')
      await channel.count('q')
    },
  },
  {
    title: 'a queue with messages is not deleted if-empty',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel()
      await channel.queue('q')
      await channel.confirms()
      await channel.put('q', 'a')
      await channel.call('queue.delete', { queue: 'q', ifEmpty: true })
      const again = await client.channel(2)
      await again.get('q')
      await again.call('queue.delete', { queue: 'q', ifEmpty: true })
    },
  },
  {
    title: 'a queue with consumers is not deleted if-unused',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel()
      await channel.queue('q')
      await channel.consume('q', 'c')
      const other = await client.channel(2)
      await other.call('queue.delete', { queue: 'q', ifUnused: true })
      await channel.cancel('c')
      await (await client.channel(3)).call('queue.delete', { queue: 'q', ifUnused: true })
    },
  },
  {
    title: 'a queue that is not there is deleted, but not purged',
    async play(t) {
      const channel = await t.channel()
      await channel.call('queue.delete', { queue: 'nowhere' })
      await channel.call('queue.purge', { queue: 'nowhere' })
    },
  },
  {
    title: 'purging leaves unacknowledged messages alone',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      for (const body of ['a', 'b', 'c']) await channel.put('q', body)
      await channel.get('q', false)
      await channel.call('queue.purge', { queue: 'q' })
      channel.nack(1)
      await channel.until('q', 'messageCount', 1)
      await channel.get('q')
    },
  },
  {
    title: 'a queue that is unused expires',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { arguments: { 'x-expires': 30 } })
      await t.quiet('for the queue to expire', 1000)
      await channel.count('q')
    },
  },
  {
    title: 'a queue with a consumer does not expire',
    async play(t) {
      const channel = await t.channel()
      // In one go: on a busy machine the queue would be gone before the consumer comes.
      await Promise.all([channel.queue('q', { arguments: { 'x-expires': 100 } }), channel.consume('q', 'c')])
      await t.quiet('for the queue to expire', 200)
      await channel.count('q')
      await channel.cancel('c')
      await t.quiet('for the queue to expire', 1000)
      await channel.count('q')
    },
  },
  {
    title: 'the longest names of queues',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('n'.repeat(255))
      await channel.queue('ü'.repeat(127))
    },
  },
]

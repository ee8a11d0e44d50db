import type { Arguments } from '../../../lab/amqp/methods.ts'
import type { Scenario } from '../stage.ts'

type Declare = Partial<Arguments<'exchange.declare'>>

/** An exchange is declared, and then again in another way, which is refused. */
function inequivalent(title: string, first: Declare, second: Declare): Scenario {
  return {
    title,
    async play(t) {
      const channel = await t.channel()
      await channel.call('exchange.declare', { exchange: 'x', type: 'direct', ...first })
      await channel.call('exchange.declare', { exchange: 'x', type: 'direct', ...second })
    },
  }
}

export const scenarios: Scenario[] = [
  {
    title: 'the standard exchanges are there',
    async play(t) {
      const client = await t.connect()
      for (const [index, name] of ['direct', 'fanout', 'topic', 'headers', 'match'].entries()) {
        const type = name === 'match' ? 'headers' : name
        await (await client.channel(index + 1)).exchange(`amq.${name}`, type, { durable: true })
      }
    },
  },
  {
    title: 'an exchange is declared, again, passively, and deleted',
    async play(t) {
      const channel = await t.channel()
      for (let n = 0; n < 2; n++) await channel.exchange('x', 'topic', { durable: true })
      await channel.call('exchange.declare', { exchange: 'x', passive: true })
      await channel.call('exchange.delete', { exchange: 'x' })
      await channel.call('exchange.declare', { exchange: 'x', passive: true })
    },
  },
  inequivalent('an exchange declared with another type', {}, { type: 'fanout' }),
  inequivalent('an exchange declared with another durability', {}, { durable: true }),
  inequivalent('an exchange declared with another auto-delete', {}, { autoDelete: true }),
  inequivalent('an exchange declared with another internal', {}, { internal: true }),
  inequivalent(
    'an exchange declared with another alternate',
    {},
    { arguments: { 'alternate-exchange': 'amq.fanout' } },
  ),
  {
    title: 'an exchange declared passively with another type is itself',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('x', 'topic')
      await channel.exchange('x', 'fanout', { passive: true, durable: true })
    },
  },
  {
    title: 'an exchange of a type that nobody knows',
    async play(t) {
      await (await t.channel()).exchange('x', 'magic')
    },
  },
  {
    title: 'an alternate exchange that is no text is refused',
    async play(t) {
      await (await t.channel()).exchange('x', 'direct', { arguments: { 'alternate-exchange': 1 } })
    },
  },
  {
    title: 'a name that begins with amq. is reserved for the server',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('amq.mine', 'direct')
    },
  },
  {
    title: 'a standard exchange declared with another type',
    async play(t) {
      await (await t.channel()).exchange('amq.direct', 'fanout', { durable: true })
    },
  },
  {
    title: 'the default exchange can not be declared',
    async play(t) {
      await (await t.channel()).exchange('', 'direct', { durable: true })
    },
  },
  {
    title: 'the default exchange declared passively',
    async play(t) {
      await (await t.channel()).exchange('', '', { passive: true })
    },
  },
  {
    title: 'the default exchange can not be deleted',
    async play(t) {
      await (await t.channel()).call('exchange.delete', { exchange: '' })
    },
  },
  {
    title: 'a standard exchange can not be deleted',
    async play(t) {
      await (await t.channel()).call('exchange.delete', { exchange: 'amq.topic' })
    },
  },
  {
    title: 'an exchange that is not there is deleted',
    async play(t) {
      await (await t.channel()).call('exchange.delete', { exchange: 'nowhere' })
    },
  },
  {
    title: 'an exchange in use is not deleted if-unused',
    async play(t) {
      const client = await t.connect()
      const channel = await client.channel()
      await channel.exchange('x', 'direct')
      await channel.queue('q')
      await channel.bind('q', 'x', 'k')
      await channel.call('exchange.delete', { exchange: 'x', ifUnused: true })
      const again = await client.channel(2)
      await again.call('queue.unbind', { queue: 'q', exchange: 'x', routingKey: 'k' })
      await again.call('exchange.delete', { exchange: 'x', ifUnused: true })
    },
  },
  {
    title: 'an auto-delete exchange goes with its last binding',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('x', 'fanout', { autoDelete: true })
      await channel.exchange('x', 'fanout', { passive: true })
      await channel.queue('q')
      await channel.queue('p')
      await channel.bind('q', 'x')
      await channel.bind('p', 'x')
      await channel.call('queue.unbind', { queue: 'q', exchange: 'x' })
      await channel.exchange('x', 'fanout', { passive: true })
      await channel.call('queue.delete', { queue: 'p' })
      await channel.exchange('x', 'fanout', { passive: true })
    },
  },
  {
    title: 'a client can not publish to an internal exchange',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('x', 'fanout', { internal: true })
      channel.publish('k', 'body', {}, { exchange: 'x' })
      await channel.fails()
    },
  },
  {
    title: 'an internal exchange is reached through another one',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('inner', 'fanout', { internal: true })
      await channel.exchange('outer', 'fanout')
      await channel.queue('q')
      await channel.bind('q', 'inner')
      await channel.call('exchange.bind', { destination: 'inner', source: 'outer' })
      await channel.confirms()
      await channel.put('k', 'body', {}, { exchange: 'outer' })
      await channel.get('q')
    },
  },
  {
    title: 'what fits nowhere goes to the alternate exchange, and is not returned',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('spare', 'fanout')
      await channel.exchange('x', 'direct', { arguments: { 'alternate-exchange': 'spare' } })
      await channel.queue('q')
      await channel.bind('q', 'spare')
      await channel.confirms()
      await channel.put('k', 'body', {}, { exchange: 'x', mandatory: true })
      await channel.get('q')
    },
  },
  {
    title: 'what fits nowhere in the alternate exchange either is returned',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('spare', 'fanout')
      await channel.exchange('x', 'direct', { arguments: { 'alternate-exchange': 'spare' } })
      await channel.confirms()
      await channel.put('k', 'body', {}, { exchange: 'x', mandatory: true })
    },
  },
  {
    title: 'an alternate exchange may be missing',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('x', 'direct', { arguments: { 'alternate-exchange': 'later' } })
      await channel.confirms()
      await channel.put('k', 'body', {}, { exchange: 'x', mandatory: true })
    },
  },
  {
    title: 'alternate exchanges that point at each other',
    async play(t) {
      const channel = await t.channel()
      await channel.exchange('x', 'direct', { arguments: { 'alternate-exchange': 'y' } })
      await channel.exchange('y', 'direct', { arguments: { 'alternate-exchange': 'x' } })
      await channel.confirms()
      await channel.put('k', 'body', {}, { exchange: 'x', mandatory: true })
    },
  },
  {
    title: 'a request without waiting has no answer',
    async play(t) {
      const channel = await t.channel()
      channel.send('exchange.declare', { exchange: 'x', type: 'direct', noWait: true })
      channel.send('queue.declare', { queue: 'q', durable: true, noWait: true })
      channel.send('queue.bind', { queue: 'q', exchange: 'x', routingKey: 'k', noWait: true })
      channel.send('confirm.select', { noWait: true })
      channel.publish('k', 'body', {}, { exchange: 'x' })
      await channel.confirmed(1)
      channel.send('basic.consume', { queue: 'q', consumerTag: 'c', noWait: true })
      await channel.deliveries(1)
      channel.send('basic.cancel', { consumerTag: 'c', noWait: true })
      channel.send('queue.purge', { queue: 'q', noWait: true })
      channel.send('queue.delete', { queue: 'q', noWait: true })
      channel.send('exchange.delete', { exchange: 'x', noWait: true })
      await channel.qos(1)
      await channel.count('q')
    },
  },
]

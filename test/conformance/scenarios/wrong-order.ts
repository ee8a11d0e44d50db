import { encodeContent } from '../../../lab/amqp/frames.ts'
import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'a method on a channel that was closed',
    async play(t) {
      const channel = await t.channel()
      await channel.call('channel.close', { replyCode: 200 })
      channel.send('basic.qos', { prefetchCount: 1 })
      await channel.client.ended()
    },
  },
  {
    title: 'a message on a channel that failed, after close-ok',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.count('nowhere')
      channel.publish('q', 'late')
      await channel.client.ended()
    },
  },
  {
    title: 'close-ok of a channel that nobody closes',
    async play(t) {
      const channel = await t.channel()
      channel.send('channel.close-ok')
      await channel.client.ended()
    },
  },
  {
    title: 'close-ok of a connection that nobody closes',
    async play(t) {
      const client = await t.connect()
      client.send(0, 'connection.close-ok')
      await client.ended()
    },
  },
  {
    title: 'start-ok on a connection that is open',
    async play(t) {
      const client = await t.connect()
      client.authenticate(t.login)
      await client.ended()
    },
  },
  {
    title: 'tune-ok on a connection that is open',
    async play(t) {
      const client = await t.connect()
      client.tune(t.login)
      await client.ended()
    },
  },
  {
    title: 'a second protocol header',
    async play(t) {
      const client = await t.connect()
      client.write(Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'))
      await client.ended()
    },
  },
  {
    title: 'content that nobody announced, on a channel that is open',
    async play(t) {
      const channel = await t.channel()
      channel.client.write(encodeContent(1, {}, Buffer.from('huh')))
      await channel.client.ended()
    },
  },
  {
    title: 'a virtual host without a name',
    async play(t) {
      const client = await t.socket()
      client.noting = false
      client.write(Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'))
      await client.next('connection.start')
      client.authenticate(t.login)
      await client.next('connection.tune')
      client.noting = true
      client.tune(t.login)
      client.send(0, 'connection.open', { virtualHost: '' })
      await client.ended()
    },
  },
  {
    title: 'requests that are sent without waiting are answered in their order',
    async play(t) {
      const channel = await t.channel()
      channel.send('queue.declare', { queue: 'a', durable: true })
      channel.send('exchange.declare', { exchange: 'x', type: 'fanout' })
      channel.send('queue.bind', { queue: 'a', exchange: 'x' })
      channel.send('confirm.select')
      channel.publish('', 'body', {}, { exchange: 'x' })
      await channel.confirmed(1)
      channel.send('basic.get', { queue: 'a', noAck: true })
      channel.send('basic.get', { queue: 'a', noAck: true })
      channel.send('queue.delete', { queue: 'a' })
      channel.send('exchange.delete', { exchange: 'x' })
      await channel.next('exchange.delete-ok')
    },
  },
]

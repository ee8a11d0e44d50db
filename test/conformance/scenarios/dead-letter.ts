import type { Table } from '../../../lab/amqp/table.ts'
import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

const TO_DEAD = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }

/** A queue 'q' with these arguments, a queue 'dead', and a channel with confirms. */
async function lettered(t: Stage, args: Table = TO_DEAD): Promise<Channel> {
  const channel = await t.channel()
  channel.noting = false
  await channel.queue('dead')
  await channel.queue('q', { arguments: args })
  await channel.confirms()
  channel.noting = true
  return channel
}

/** Gets the message that is in `queue` by now, or will be. */
async function received(channel: Channel, queue: string): Promise<void> {
  await channel.until(queue, 'messageCount', 1)
  await channel.get(queue)
}

export const scenarios: Scenario[] = [
  {
    title: 'a rejected message is dead-lettered, with its history in its headers',
    async play(t) {
      const channel = await lettered(t)
      await channel.put('q', 'body', { headers: { own: 1 }, deliveryMode: 2, messageId: 'm' })
      await channel.get('q', false)
      channel.reject(1, false)
      await received(channel, 'dead')
    },
  },
  {
    title: 'a nacked message is dead-lettered',
    async play(t) {
      const channel = await lettered(t)
      await channel.put('q', 'body')
      await channel.get('q', false)
      channel.nack(1, { requeue: false })
      await received(channel, 'dead')
    },
  },
  {
    title: 'a message that expires by its own time loses its expiration, and its history tells',
    async play(t) {
      const channel = await lettered(t)
      await channel.put('q', 'body', { expiration: '5' })
      await received(channel, 'dead')
    },
  },
  {
    title: 'a message that expires by the time of its queue',
    async play(t) {
      const channel = await lettered(t, { ...TO_DEAD, 'x-message-ttl': 5 })
      await channel.put('q', 'body')
      await received(channel, 'dead')
    },
  },
  {
    title: 'a message that is dropped for lack of room',
    async play(t) {
      const channel = await lettered(t, { ...TO_DEAD, 'x-max-length': 1 })
      for (const body of ['a', 'b']) await channel.put('q', body)
      await received(channel, 'dead')
    },
  },
  {
    title: 'a dead letter keeps its routing key where no other is given',
    async play(t) {
      const channel = await lettered(t, { 'x-dead-letter-exchange': 'amq.topic' })
      await channel.bind('q', 'amq.direct', 'the.key')
      await channel.bind('dead', 'amq.topic', 'the.*')
      await channel.put('the.key', 'body', {}, { exchange: 'amq.direct' })
      await channel.get('q', false)
      channel.reject(1, false)
      await received(channel, 'dead')
    },
  },
  {
    title: 'a dead letter keeps its CC keys where no other key is given',
    async play(t) {
      const channel = await lettered(t, { 'x-dead-letter-exchange': 'amq.direct' })
      await channel.bind('dead', 'amq.direct', 'extra')
      await channel.put('q', 'body', { headers: { CC: ['extra'] } })
      await channel.get('q', false)
      channel.reject(1, false)
      await received(channel, 'dead')
    },
  },
  {
    title: 'another key takes the place of the CC keys of a dead letter',
    async play(t) {
      const channel = await lettered(t, {
        'x-dead-letter-exchange': 'amq.direct',
        'x-dead-letter-routing-key': 'other',
      })
      await channel.bind('dead', 'amq.direct', 'other')
      await channel.put('q', 'body', { headers: { CC: ['extra'] } })
      await channel.get('q', false)
      channel.reject(1, false)
      await received(channel, 'dead')
    },
  },
  {
    title: 'several dead letters keep their order',
    async play(t) {
      const channel = await lettered(t)
      for (const body of ['a', 'b', 'c']) await channel.put('q', body)
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      channel.nack(3, { multiple: true, requeue: false })
      await channel.until('dead', 'messageCount', 3)
      for (let n = 0; n < 3; n++) await channel.get('dead')
    },
  },
  {
    title: 'dead letters to an exchange that is not there are gone',
    async play(t) {
      const channel = await lettered(t, { 'x-dead-letter-exchange': 'later', 'x-dead-letter-routing-key': 'dead' })
      await channel.put('q', 'lost')
      await channel.get('q', false)
      channel.reject(1, false)
      await channel.get('q')
      await channel.exchange('later', 'fanout')
      await channel.bind('dead', 'later')
      await channel.put('q', 'found')
      await channel.get('q', false)
      channel.reject(2, false)
      await received(channel, 'dead')
      await channel.count('dead')
    },
  },
  {
    title: 'a rejected message that circles comes back, and its count grows',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'q' } })
      await channel.confirms()
      await channel.put('q', 'body')
      for (let tag = 1; tag <= 3; tag++) {
        await channel.until('q', 'messageCount', 1)
        await channel.get('q', false)
        channel.reject(tag, false)
      }
      await received(channel, 'q')
    },
  },
  {
    title: 'a message that only expires in a circle is dropped',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('a', {
        arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'b', 'x-message-ttl': 10 },
      })
      await channel.queue('b', {
        arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'a', 'x-message-ttl': 10 },
      })
      await channel.confirms()
      await channel.put('a', 'body')
      await t.quiet('the message to go round once', 1000)
      await channel.count('a')
      await channel.count('b')
    },
  },
  {
    title: 'a history of two queues: the latest comes first',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('a', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'b' } })
      await channel.queue('b', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'c' } })
      await channel.queue('c')
      await channel.confirms()
      await channel.put('a', 'body', { expiration: '5' })
      await channel.until('b', 'messageCount', 1)
      await channel.get('b', false)
      channel.reject(1, false)
      await received(channel, 'c')
    },
  },
  {
    title: "an x-death of the publisher's own is not believed",
    async play(t) {
      const channel = await lettered(t)
      const death = { queue: 'q', reason: 'rejected', count: 7, exchange: '', 'routing-keys': ['q'] }
      await channel.put('q', 'body', { headers: { 'x-death': [death], 'x-first-death-queue': 'other' } })
      await channel.get('q', false)
      channel.reject(1, false)
      await received(channel, 'dead')
    },
  },
  {
    title: 'a queue that is purged or deleted makes no dead letters',
    async play(t) {
      const channel = await lettered(t)
      for (const body of ['a', 'b']) await channel.put('q', body)
      await channel.call('queue.purge', { queue: 'q' })
      await channel.put('q', 'c')
      await channel.call('queue.delete', { queue: 'q' })
      await channel.count('dead')
    },
  },
  {
    title: 'a dead letter is not confirmed to anybody',
    async play(t) {
      const channel = await lettered(t)
      await channel.put('q', 'body', {}, { mandatory: true })
      await channel.get('q', false)
      channel.reject(1, false)
      await received(channel, 'dead')
      await channel.qos(1)
    },
  },
  {
    title: 'a dead letter goes through an exchange to several queues',
    async play(t) {
      const channel = await lettered(t, { 'x-dead-letter-exchange': 'amq.fanout' })
      await channel.queue('other')
      for (const queue of ['dead', 'other']) await channel.bind(queue, 'amq.fanout')
      await channel.put('q', 'body')
      await channel.get('q', false)
      channel.reject(1, false)
      for (const queue of ['dead', 'other']) await received(channel, queue)
    },
  },
]

import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

/** A transactional channel, and a second client that sees what the first has committed. */
async function pair(t: Stage): Promise<[channel: Channel, other: Channel]> {
  const channel = await t.channel()
  const other = await t.channel('other')
  await other.queue('q')
  await channel.transact()
  return [channel, other]
}

/** A queue that holds these messages, confirmed; none of it is noted. */
async function filled(t: Stage, bodies: string[], declare = (channel: Channel) => channel.queue('q')): Promise<void> {
  const channel = await t.channel('filler')
  channel.noting = false
  await declare(channel)
  await channel.confirms()
  for (const body of bodies) await channel.put('q', body)
  await channel.call('channel.close', { replyCode: 200 })
}

/** Closes the channel, opens it again, and takes what the queue holds by then. */
async function rest(channel: Channel, queue = 'q'): Promise<void> {
  await channel.call('channel.close', { replyCode: 200 })
  await channel.call('channel.open')
  for (let answer = 'basic.get-ok'; answer === 'basic.get-ok'; ) answer = (await channel.get(queue)).name
}

/** Waits until the server has read everything sent so far. */
const reached = (channel: Channel) => channel.qos(0)

export const scenarios: Scenario[] = [
  {
    title: 'published messages reach their queue with the commit, in order',
    async play(t) {
      const [channel, other] = await pair(t)
      for (const body of ['a', 'b', 'c']) channel.publish('q', body)
      await reached(channel)
      await other.count('q')
      await channel.commit()
      await other.count('q')
      for (let n = 0; n < 3; n++) await other.get('q')
    },
  },
  {
    title: 'a rollback drops what was published',
    async play(t) {
      const [channel, other] = await pair(t)
      channel.publish('q', 'dropped')
      await channel.rollback()
      channel.publish('q', 'kept')
      await channel.commit()
      await other.get('q')
      await other.get('q')
    },
  },
  {
    title: 'the next transaction begins with the end of the last',
    async play(t) {
      const [channel, other] = await pair(t)
      channel.publish('q', 'a')
      await channel.commit()
      channel.publish('q', 'b')
      await reached(channel)
      await other.count('q')
      await channel.commit()
      await other.count('q')
    },
  },
  {
    title: 'a commit and a rollback of nothing',
    async play(t) {
      const [channel] = await pair(t)
      await channel.commit()
      await channel.rollback()
      await channel.commit()
    },
  },
  {
    title: 'a second tx.select keeps the transaction',
    async play(t) {
      const [channel, other] = await pair(t)
      channel.publish('q', 'a')
      await channel.transact()
      await other.count('q')
      await channel.commit()
      await other.count('q')
    },
  },
  {
    title: 'a commit without tx.select',
    async play(t) {
      await (await t.channel()).commit()
    },
  },
  {
    title: 'a rollback without tx.select',
    async play(t) {
      await (await t.channel()).rollback()
    },
  },
  {
    title: 'confirms on a transactional channel',
    async play(t) {
      const [channel] = await pair(t)
      await channel.confirms()
    },
  },
  {
    title: 'a transaction on a channel with confirms',
    async play(t) {
      const channel = await t.channel()
      await channel.confirms()
      await channel.transact()
    },
  },
  {
    title: 'a channel that is closed and opened again has no transaction',
    async play(t) {
      const [channel] = await pair(t)
      await channel.call('channel.close', { replyCode: 200 })
      await channel.call('channel.open')
      await channel.commit()
    },
  },
  {
    title: 'only its own channel is transactional',
    async play(t) {
      const [channel, other] = await pair(t)
      const second = await channel.client.channel(2)
      second.publish('q', 'a')
      await reached(second)
      await other.until('q', 'messageCount', 1)
      await other.get('q')
    },
  },
  {
    title: 'a channel that is closed forgets what it did not commit',
    async play(t) {
      await filled(t, ['a', 'b'])
      const [channel, other] = await pair(t)
      channel.publish('q', 'dropped')
      await channel.get('q', false)
      channel.ack(1)
      await channel.call('channel.close', { replyCode: 200 })
      await other.until('q', 'messageCount', 2)
      for (let n = 0; n < 3; n++) await other.get('q')
    },
  },
  {
    title: 'a connection that is lost forgets what it did not commit',
    async play(t) {
      await filled(t, ['a', 'b'])
      const [channel, other] = await pair(t)
      channel.publish('q', 'dropped')
      await channel.get('q', false)
      channel.ack(1)
      await reached(channel)
      channel.client.drop()
      await other.until('q', 'messageCount', 2)
      for (let n = 0; n < 3; n++) await other.get('q')
    },
  },
  {
    title: 'a channel that fails forgets what it did not commit',
    async play(t) {
      const [channel, other] = await pair(t)
      channel.publish('q', 'dropped')
      channel.publish('k', 'failing', {}, { exchange: 'nowhere' })
      await channel.fails()
      await other.count('q')
    },
  },
  {
    title: 'what a transactional channel declares is there at once',
    async play(t) {
      const [channel, other] = await pair(t)
      await channel.queue('early')
      await channel.exchange('x', 'fanout')
      await channel.bind('early', 'x')
      await channel.rollback()
      await other.confirms()
      await other.put('', 'a', {}, { exchange: 'x' })
      await other.get('early')
    },
  },
  {
    title: 'a message goes to the queues that were bound when it was published',
    async play(t) {
      const [channel, other] = await pair(t)
      await other.queue('late')
      await other.bind('q', 'amq.fanout')
      channel.publish('', 'a', {}, { exchange: 'amq.fanout' })
      await reached(channel)
      await other.bind('late', 'amq.fanout')
      await other.call('queue.unbind', { queue: 'q', exchange: 'amq.fanout' })
      await channel.commit()
      await other.count('q')
      await other.count('late')
    },
  },
  {
    title: 'the queue of a message is deleted before the commit',
    async play(t) {
      const [channel, other] = await pair(t)
      channel.publish('q', 'a', {}, { mandatory: true })
      await reached(channel)
      await other.call('queue.delete', { queue: 'q' })
      await channel.commit()
    },
  },
  {
    title: 'the queue of a message is deleted and declared again before the commit',
    async play(t) {
      const [channel, other] = await pair(t)
      await other.queue('second')
      await other.bind('q', 'amq.fanout')
      await other.bind('second', 'amq.fanout')
      channel.publish('', 'a', {}, { exchange: 'amq.fanout' })
      await reached(channel)
      await other.call('queue.delete', { queue: 'q' })
      await other.queue('q')
      await channel.commit()
      await other.until('second', 'messageCount', 1)
      await other.count('q')
    },
  },
  {
    title: 'a mandatory message that fits nowhere is returned with the commit, before its answer',
    async play(t) {
      const [channel] = await pair(t)
      channel.publish('nowhere', 'a', {}, { mandatory: true })
      channel.publish('q', 'b', {}, { mandatory: true })
      channel.publish('elsewhere', 'c', {}, { mandatory: true })
      await reached(channel)
      await channel.commit()
    },
  },
  {
    title: 'a mandatory message that is rolled back is not returned',
    async play(t) {
      const [channel] = await pair(t)
      channel.publish('nowhere', 'a', {}, { mandatory: true })
      await channel.rollback()
      await channel.commit()
    },
  },
  {
    title: 'a queue that refuses a message fails the commit, and the others keep theirs',
    async play(t) {
      await filled(t, ['full'], (channel) =>
        channel.queue('q', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } }),
      )
      const channel = await t.channel()
      const other = await t.channel('other')
      await other.queue('second')
      await other.queue('third')
      await channel.transact()
      channel.publish('second', 'a')
      channel.publish('q', 'refused')
      channel.publish('third', 'b')
      await channel.commit()
      await other.until('third', 'messageCount', 1)
      for (const queue of ['q', 'q', 'second', 'third']) await other.get(queue)
    },
  },
  {
    title: 'a quorum queue takes what is committed',
    async play(t) {
      const channel = await t.channel()
      const other = await t.channel('other')
      await other.quorum('q')
      await channel.transact()
      channel.publish('q', 'a')
      channel.publish('q', 'b')
      await reached(channel)
      await other.count('q')
      await channel.commit()
      await other.until('q', 'messageCount', 2)
      await other.get('q')
      await other.get('q')
    },
  },
  {
    title: 'a committed message comes to a consumer',
    async play(t) {
      const [channel, other] = await pair(t)
      await other.consume('q', 'c', { noAck: true })
      channel.publish('q', 'a', { deliveryMode: 2, headers: { n: 1 } })
      channel.publish('q', 'b')
      await channel.commit()
      await other.deliveries(2)
    },
  },
  {
    title: 'a queue with room for one hands each committed message to its consumer',
    async play(t) {
      const channel = await t.channel()
      const other = await t.channel('other')
      await other.queue('q', { arguments: { 'x-max-length': 1 } })
      await other.consume('q', 'c', { noAck: true })
      await channel.transact()
      for (const body of ['a', 'b', 'c']) channel.publish('q', body)
      await channel.commit()
      await other.deliveries(3)
    },
  },
  {
    title: 'an acknowledgement counts with the commit',
    async play(t) {
      await filled(t, ['a', 'b', 'c'])
      const [channel] = await pair(t)
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      channel.ack(1)
      await channel.commit()
      channel.ack(2)
      await rest(channel)
    },
  },
  {
    title: 'an acknowledgement that is rolled back can be given again',
    async play(t) {
      await filled(t, ['a', 'b', 'c'])
      const [channel] = await pair(t)
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      channel.ack(1)
      await channel.rollback()
      channel.ack(1)
      await channel.commit()
      await rest(channel)
    },
  },
  {
    title: 'a rollback brings no message again: it stays unacknowledged',
    async play(t) {
      await filled(t, ['a'])
      const [channel, other] = await pair(t)
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      channel.ack(1)
      await channel.rollback()
      await other.count('q')
      await other.get('q')
      await reached(channel)
    },
  },
  {
    title: 'acknowledgements that are rolled back keep their order',
    async play(t) {
      await filled(t, ['a', 'b', 'c', 'd', 'e'])
      const [channel] = await pair(t)
      for (let n = 0; n < 5; n++) await channel.get('q', false)
      channel.ack(4)
      channel.ack(2)
      channel.ack(3, true)
      await channel.rollback()
      channel.ack(3, true)
      await channel.commit()
      await rest(channel)
    },
  },
  {
    title: 'several are acknowledged in one transaction',
    async play(t) {
      await filled(t, ['a', 'b', 'c', 'd', 'e'])
      const [channel] = await pair(t)
      for (let n = 0; n < 5; n++) await channel.get('q', false)
      channel.ack(2, true)
      channel.ack(4)
      await channel.commit()
      await rest(channel)
    },
  },
  {
    title: 'a delivery is acknowledged twice in a transaction',
    async play(t) {
      await filled(t, ['a'])
      const [channel, other] = await pair(t)
      await channel.get('q', false)
      channel.ack(1)
      channel.ack(1)
      await channel.fails()
      await other.until('q', 'messageCount', 1)
      await other.get('q')
    },
  },
  {
    title: 'an unknown delivery tag fails before the commit',
    async play(t) {
      const [channel] = await pair(t)
      channel.ack(77)
      await channel.fails()
    },
  },
  {
    title: 'a nack with requeue counts with the commit',
    async play(t) {
      await filled(t, ['a', 'b'])
      const [channel, other] = await pair(t)
      await channel.get('q', false)
      channel.nack(1)
      await reached(channel)
      await other.count('q')
      await channel.commit()
      await other.until('q', 'messageCount', 2)
      await rest(channel)
    },
  },
  {
    title: 'a nack with requeue that is rolled back',
    async play(t) {
      await filled(t, ['a', 'b'])
      const [channel, other] = await pair(t)
      await channel.get('q', false)
      channel.nack(1)
      await channel.rollback()
      channel.ack(1)
      await channel.commit()
      await other.count('q')
      await rest(channel)
    },
  },
  {
    title: 'a rejected message is dead-lettered with the commit',
    async play(t) {
      const dead = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
      await filled(t, ['a', 'b', 'c'], (channel) => channel.queue('q', { arguments: dead }))
      const channel = await t.channel()
      const other = await t.channel('other')
      await other.queue('dead')
      await channel.transact()
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      channel.reject(1, false)
      channel.nack(3, { multiple: true, requeue: false })
      await reached(channel)
      await other.count('dead')
      await channel.commit()
      await other.until('dead', 'messageCount', 3)
      for (let n = 0; n < 3; n++) await other.get('dead')
    },
  },
  {
    title: 'a message that is rejected in a transaction comes again with the commit',
    async play(t) {
      await filled(t, ['a'])
      const [channel] = await pair(t)
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      channel.reject(1)
      await reached(channel)
      channel.send('tx.commit')
      await channel.deliveries(1)
    },
  },
  {
    title: 'acknowledgements of all kinds in one transaction',
    async play(t) {
      await filled(t, ['a', 'b', 'c', 'd', 'e', 'f'])
      const [channel] = await pair(t)
      for (let n = 0; n < 6; n++) await channel.get('q', false)
      channel.ack(1)
      channel.nack(2)
      channel.reject(3, false)
      channel.ack(5)
      channel.reject(4)
      await channel.commit()
      await rest(channel)
    },
  },
  {
    title: 'messages of a quorum queue are settled with the commit',
    async play(t) {
      await filled(t, ['a', 'b', 'c'], (channel) => channel.quorum('q'))
      const channel = await t.channel()
      await channel.transact()
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      channel.ack(1)
      channel.nack(2)
      channel.reject(3)
      await channel.commit()
      await channel.until('q', 'messageCount', 2)
      await channel.get('q')
      await channel.get('q')
    },
  },
  {
    title: 'a limit is free again with the commit',
    async play(t) {
      await filled(t, ['a', 'b', 'c', 'd'])
      const [channel, other] = await pair(t)
      await channel.qos(2)
      await channel.consume('q', 'c')
      await channel.deliveries(2)
      channel.ack(2, true)
      await channel.transact()
      await other.count('q')
      channel.send('tx.commit')
      await channel.deliveries(2)
      await other.count('q')
    },
  },
  {
    title: 'what was delivered before tx.select is settled in the transaction',
    async play(t) {
      await filled(t, ['a', 'b'])
      const channel = await t.channel()
      await channel.get('q', false)
      await channel.get('q', false)
      await channel.transact()
      channel.ack(1)
      await channel.commit()
      channel.ack(2)
      await channel.rollback()
      await rest(channel)
    },
  },
  {
    title: 'a consumer without acknowledgements needs no commit',
    async play(t) {
      await filled(t, ['a', 'b'])
      const [channel, other] = await pair(t)
      await channel.get('q')
      await channel.consume('q', 'c', { noAck: true })
      await channel.deliveries(1)
      await channel.rollback()
      await channel.call('channel.close', { replyCode: 200 })
      await other.count('q')
    },
  },
  {
    title: 'basic.recover leaves what the transaction has acknowledged',
    async play(t) {
      await filled(t, ['a', 'b', 'c'])
      const [channel, other] = await pair(t)
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      channel.ack(2)
      await channel.call('basic.recover', { requeue: true })
      await other.until('q', 'messageCount', 2)
      await channel.commit()
      await rest(channel)
    },
  },
  {
    title: 'publishes and acknowledgements in one transaction',
    async play(t) {
      await filled(t, ['a'])
      const [channel, other] = await pair(t)
      await other.queue('next')
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      channel.publish('next', 'A')
      channel.ack(1)
      await channel.rollback()
      await other.count('next')
      channel.publish('next', 'A')
      channel.ack(1)
      await channel.commit()
      await other.get('next')
      await rest(channel)
    },
  },
  {
    title: 'the room that an acknowledgement makes comes too late for a message of the same transaction',
    async play(t) {
      await filled(t, ['a'], (channel) =>
        channel.queue('q', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } }),
      )
      const channel = await t.channel()
      await channel.transact()
      await channel.get('q', false)
      channel.publish('q', 'b')
      channel.publish('q', 'refused')
      channel.ack(1)
      await channel.commit()
      const other = await t.channel('other')
      await other.until('q', 'messageCount', 1)
      await rest(other)
    },
  },
  {
    title: 'a request for a direct reply goes out with the commit',
    async play(t) {
      const [channel, other] = await pair(t)
      await channel.consume('amq.rabbitmq.reply-to', 'replies', { noAck: true })
      channel.publish('q', 'ask', { replyTo: 'amq.rabbitmq.reply-to' })
      await channel.commit()
      const asked = await other.get('q')
      await other.transact()
      other.publish(String(asked.content?.properties.replyTo), 'answer')
      await other.commit()
      await channel.deliveries(1)
    },
  },
]

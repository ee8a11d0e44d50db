import type { Table } from '../../../lab/amqp/table.ts'
import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

/** A queue with these arguments that dead-letters to another one, and a channel with confirms. */
async function limited(t: Stage, args: Table): Promise<Channel> {
  const channel = await t.channel()
  channel.noting = false
  await channel.queue('dead')
  const dead = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
  await channel.queue('q', { arguments: { ...dead, ...args } })
  await channel.confirms()
  channel.noting = true
  return channel
}

async function drain(channel: Channel, queue: string): Promise<void> {
  for (let answer = 'basic.get-ok'; answer === 'basic.get-ok'; ) answer = (await channel.get(queue)).name
}

/** Publishes to a queue with these arguments; tells what is left, and what was dead-lettered. */
function overflowing(title: string, args: Table, bodies: string[]): Scenario {
  return {
    title,
    async play(t) {
      const channel = await limited(t, args)
      for (const body of bodies) await channel.put('q', body)
      await channel.count('q')
      await drain(channel, 'q')
      await drain(channel, 'dead')
    },
  }
}

const FOUR = ['a', 'b', 'c', 'd']

export const scenarios: Scenario[] = [
  overflowing('a full queue drops its oldest messages, as dead letters', { 'x-max-length': 2 }, FOUR),
  overflowing(
    'overflow: drop-head is what a queue does anyway',
    { 'x-max-length': 2, 'x-overflow': 'drop-head' },
    FOUR,
  ),
  overflowing('a queue of at most 0 messages', { 'x-max-length': 0 }, ['a', 'b']),
  overflowing('a queue full of bytes drops its oldest messages', { 'x-max-length-bytes': 10 }, [
    'aaaa',
    'bbbb',
    'cccc',
    'd',
  ]),
  overflowing('a message larger than the queue may be', { 'x-max-length-bytes': 3 }, ['a', 'bbbbbb', 'c']),
  overflowing('of two limits the lower counts', { 'x-max-length': 3, 'x-max-length-bytes': 5 }, [
    'aa',
    'bb',
    'cc',
    'd',
  ]),
  overflowing(
    'overflow: reject-publish refuses the newest, and makes no dead letters',
    { 'x-max-length': 2, 'x-overflow': 'reject-publish' },
    FOUR,
  ),
  overflowing(
    'overflow: reject-publish-dlx refuses the newest, and makes dead letters of them',
    { 'x-max-length': 2, 'x-overflow': 'reject-publish-dlx' },
    FOUR,
  ),
  overflowing('a quorum queue drops its oldest messages', { 'x-queue-type': 'quorum', 'x-max-length': 2 }, FOUR),
  {
    title: 'unacknowledged messages do not count toward a limit',
    async play(t) {
      const channel = await limited(t, { 'x-max-length': 1 })
      await channel.put('q', 'a')
      await channel.get('q', false)
      await channel.put('q', 'b')
      await channel.put('q', 'c')
      await channel.count('q')
      channel.nack(1)
      await channel.until('dead', 'messageCount', 2)
      await drain(channel, 'q')
      await drain(channel, 'dead')
    },
  },
  {
    title: 'a message that is delivered at once passes a queue of at most 0 messages',
    async play(t) {
      const channel = await limited(t, { 'x-max-length': 0 })
      const consumer = await channel.client.channel(2)
      await consumer.consume('q', 'c')
      await channel.put('q', 'a')
      await consumer.deliveries(1)
      await drain(channel, 'dead')
    },
  },
  {
    title: 'without confirms a message that is refused is just gone',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } })
      for (const body of ['a', 'b']) channel.publish('q', body)
      await drain(channel, 'q')
    },
  },
]

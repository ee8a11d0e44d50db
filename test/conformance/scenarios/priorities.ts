import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

async function prioritised(t: Stage, messages: [body: string, priority?: number][]): Promise<Channel> {
  const channel = await t.channel()
  channel.noting = false
  await channel.queue('q', { arguments: { 'x-max-priority': 5 } })
  await channel.confirms()
  for (const [body, priority] of messages) await channel.put('q', body, priority === undefined ? {} : { priority })
  channel.noting = true
  return channel
}

async function drain(channel: Channel): Promise<void> {
  for (let answer = 'basic.get-ok'; answer === 'basic.get-ok'; ) answer = (await channel.get('q')).name
}

export const scenarios: Scenario[] = [
  {
    title: 'messages of a higher priority come first, those of one priority in order',
    async play(t) {
      await drain(
        await prioritised(t, [
          ['1a', 1],
          ['3a', 3],
          ['1b', 1],
          ['5', 5],
          ['3b', 3],
        ]),
      )
    },
  },
  {
    title: 'no priority is priority 0, and priorities end at the highest',
    async play(t) {
      await drain(await prioritised(t, [['none'], ['0', 0], ['200', 200], ['5', 5], ['4', 4]]))
    },
  },
  {
    title: 'a message that goes back keeps its place among its priority',
    async play(t) {
      const channel = await prioritised(t, [
        ['1a', 1],
        ['1b', 1],
        ['3', 3],
      ])
      for (let n = 0; n < 2; n++) await channel.get('q', false)
      channel.nack(2)
      channel.nack(1)
      await channel.until('q', 'messageCount', 3)
      await drain(channel)
    },
  },
  {
    title: 'a consumer gets messages by priority, apart from what it has already',
    async play(t) {
      const channel = await prioritised(t, [
        ['1', 1],
        ['2', 2],
      ])
      await channel.qos(1)
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      await channel.put('q', '5', { priority: 5 })
      channel.ack(1)
      await channel.deliveries(1)
      channel.ack(2)
      await channel.deliveries(1)
    },
  },
  {
    title: 'a queue without x-max-priority ignores priorities',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      for (const priority of [1, 9, 5]) await channel.put('q', String(priority), { priority })
      await drain(channel)
    },
  },
  {
    title: 'a full queue with priorities drops its head, which is the highest',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { arguments: { 'x-max-priority': 5, 'x-max-length': 2 } })
      await channel.confirms()
      for (const priority of [3, 1, 5]) await channel.put('q', String(priority), { priority })
      await drain(channel)
    },
  },
  {
    title: 'a message that expires stays behind those of a higher priority',
    async play(t) {
      const client = await t.connect()
      const [channel, dead] = [await client.channel(1), await client.channel(2)]
      await channel.queue('dead')
      await channel.queue('q', {
        arguments: { 'x-max-priority': 5, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' },
      })
      await channel.confirms()
      await dead.consume('dead', 'dead', { noAck: true })
      await channel.put('q', 'stays', { priority: 5 })
      await channel.put('q', 'goes', { priority: 1, expiration: '10' })
      await t.quiet('the second to expire, which it does not', 150)
      await channel.count('q')
      await channel.get('q')
      await dead.deliveries(1)
      await channel.count('q')
    },
  },
]

import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

const BODIES = ['a', 'b', 'c', 'd', 'e']

/** A queue with five messages; none of it is noted. */
async function five(t: Stage): Promise<Channel> {
  const channel = await t.channel()
  channel.noting = false
  await channel.queue('q')
  await channel.confirms()
  for (const body of BODIES) await channel.put('q', body)
  channel.noting = true
  return channel
}

/** All five delivered to one consumer. */
async function delivered(t: Stage): Promise<Channel> {
  const channel = await five(t)
  await channel.consume('q', 'c')
  await channel.deliveries(5)
  return channel
}

/** What is left once the channel is closed: it comes again. */
async function rest(channel: Channel): Promise<void> {
  await channel.call('channel.close', { replyCode: 200 })
  await channel.call('channel.open')
  for (let answer = 'basic.get-ok'; answer === 'basic.get-ok'; ) answer = (await channel.get('q')).name
}

/** A channel that is closed for a settlement that can't be. */
function unknown(title: string, settle: (channel: Channel) => void): Scenario {
  return {
    title,
    async play(t) {
      const channel = await delivered(t)
      settle(channel)
      await channel.fails()
    },
  }
}

export const scenarios: Scenario[] = [
  {
    title: 'an acknowledged message is gone',
    async play(t) {
      const channel = await delivered(t)
      channel.ack(2)
      channel.ack(4)
      await rest(channel)
    },
  },
  {
    title: 'an acknowledgement of several is for all up to it',
    async play(t) {
      const channel = await delivered(t)
      channel.ack(3, true)
      await rest(channel)
    },
  },
  {
    title: 'an acknowledgement of several with tag 0 is for all',
    async play(t) {
      const channel = await delivered(t)
      channel.ack(0, true)
      await rest(channel)
    },
  },
  {
    title: 'an acknowledgement of several passes over those that are settled',
    async play(t) {
      const channel = await delivered(t)
      channel.ack(2)
      channel.ack(4, true)
      await rest(channel)
    },
  },
  {
    title: 'tag 0 of several where nothing is unacknowledged',
    async play(t) {
      const channel = await t.channel()
      channel.ack(0, true)
      await channel.qos(1)
    },
  },
  unknown('an acknowledgement of what never was', (channel) => channel.ack(77)),
  unknown('an acknowledgement of several up to what never was', (channel) => channel.ack(77, true)),
  unknown('a second acknowledgement', (channel) => {
    channel.ack(1)
    channel.ack(1)
  }),
  unknown('an acknowledgement of several that are settled', (channel) => {
    channel.ack(2, true)
    channel.ack(2, true)
  }),
  unknown('a rejection of what never was', (channel) => channel.reject(77)),
  unknown('a second rejection', (channel) => {
    channel.reject(1, false)
    channel.reject(1, false)
  }),
  unknown('a nack of what never was', (channel) => channel.nack(77)),
  unknown('an acknowledgement of tag 0', (channel) => channel.ack(0)),
  {
    title: 'an acknowledgement on another channel than the delivery',
    async play(t) {
      const channel = await delivered(t)
      const other = await channel.client.channel(2)
      other.ack(1)
      await other.fails()
    },
  },
  {
    title: 'a message that is rejected without requeue is gone',
    async play(t) {
      const channel = await delivered(t)
      channel.reject(2, false)
      channel.nack(4, { requeue: false })
      await rest(channel)
    },
  },
  {
    title: 'a nack of several is for all up to it',
    async play(t) {
      const channel = await delivered(t)
      channel.nack(3, { multiple: true, requeue: false })
      await rest(channel)
    },
  },
  {
    title: 'a rejected message comes again at once, as redelivered',
    async play(t) {
      const channel = await five(t)
      await channel.qos(1)
      await channel.consume('q', 'c')
      await channel.deliveries(1)
      channel.reject(1)
      await channel.deliveries(1)
      channel.reject(2)
      await channel.deliveries(1)
    },
  },
  {
    title: 'a message that goes back comes again to another consumer',
    async play(t) {
      const channel = await five(t)
      await channel.qos(1)
      await channel.consume('q', 'first')
      await channel.deliveries(1)
      await channel.consume('q', 'second')
      await channel.deliveries(1)
      channel.nack(1)
      await channel.deliveries(1)
    },
  },
  {
    title: 'messages go back to their old places',
    async play(t) {
      const channel = await five(t)
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      channel.nack(2)
      await channel.until('q', 'messageCount', 3)
      channel.nack(1)
      channel.nack(3)
      await channel.until('q', 'messageCount', 5)
      await rest(channel)
    },
  },
  {
    title: 'messages that go back in the reverse order come in the old one',
    async play(t) {
      const channel = await five(t)
      for (let n = 0; n < 5; n++) await channel.get('q', false)
      for (const tag of [5, 4, 3, 2, 1]) channel.nack(tag)
      await channel.until('q', 'messageCount', 5)
      for (let n = 0; n < 5; n++) await channel.get('q')
    },
  },
  {
    title: 'several that go back at once come in the old order',
    async play(t) {
      const channel = await five(t)
      for (let n = 0; n < 4; n++) await channel.get('q', false)
      channel.nack(3, { multiple: true })
      await channel.until('q', 'messageCount', 4)
      for (let n = 0; n < 4; n++) await channel.get('q')
    },
  },
  {
    title: 'a message that goes back stays before those that were published meanwhile',
    async play(t) {
      const channel = await five(t)
      await channel.get('q', false)
      await channel.put('q', 'later')
      channel.nack(1)
      await channel.until('q', 'messageCount', 6)
      await rest(channel)
    },
  },
  {
    title: 'basic.recover brings everything back at once',
    async play(t) {
      const channel = await five(t)
      for (let n = 0; n < 3; n++) await channel.get('q', false)
      await channel.call('basic.recover', { requeue: true })
      await channel.until('q', 'messageCount', 5)
      for (let n = 0; n < 5; n++) await channel.get('q')
    },
  },
  {
    title: 'basic.recover brings messages to the consumer again',
    async play(t) {
      const channel = await five(t)
      await channel.qos(2)
      await channel.consume('q', 'c')
      await channel.deliveries(2)
      await channel.call('basic.recover', { requeue: true })
      await channel.deliveries(2)
      channel.ack(4, true)
      await channel.deliveries(2)
    },
  },
  {
    title: 'basic.recover without requeue is not there',
    async play(t) {
      const channel = await t.channel()
      channel.send('basic.recover', { requeue: false })
      await channel.client.ended()
    },
  },
  {
    title: 'basic.recover-async has no answer',
    async play(t) {
      const channel = await five(t)
      await channel.get('q', false)
      channel.send('basic.recover-async', { requeue: true })
      await channel.until('q', 'messageCount', 5)
      await channel.get('q')
    },
  },
]

import type { Channel } from '../channel.ts'
import type { Scenario, Stage } from '../stage.ts'

const SINGLE = { 'x-single-active-consumer': true }

/** A queue with one active consumer at a time; 'a' and then 'b' consume it, each on a connection of its own. */
async function two(t: Stage, type: 'classic' | 'quorum') {
  const publisher = await t.channel('publisher')
  await publisher.queue('q', { arguments: { ...SINGLE, 'x-queue-type': type } })
  await publisher.confirms()
  const [a, b] = [await t.channel('a'), await t.channel('b')]
  await a.consume('q', 'a')
  await b.consume('q', 'b')
  const put = (...bodies: string[]) => inTurn(bodies, (body) => publisher.put('q', body))
  return { publisher, a, b, put }
}

async function inTurn<T>(values: T[], act: (value: T) => Promise<unknown>): Promise<void> {
  for (const value of values) await act(value)
}

async function nothingFor(channel: Channel): Promise<void> {
  await channel.count('q')
}

export const scenarios: Scenario[] = [
  ...(['classic', 'quorum'] as const).flatMap((type): Scenario[] => [
    {
      title: `${type}: only one consumer is active, and when it is cancelled the next one is`,
      async play(t) {
        const { a, b, put } = await two(t, type)
        await put('1', '2')
        await a.deliveries(2)
        await nothingFor(b)
        a.ack(2, true)
        await a.cancel('a')
        await put('3')
        await b.deliveries(1)
      },
    },
    {
      title: `${type}: when the active consumer's connection ends its messages go to the next one`,
      async play(t) {
        const { publisher, a, b, put } = await two(t, type)
        await put('1', '2')
        await a.deliveries(2)
        await publisher.count('q')
        await a.client.close()
        await b.deliveries(2)
      },
    },
  ]),
  {
    title: 'the active consumer at its limit leaves messages to nobody else',
    async play(t) {
      const publisher = await t.channel('publisher')
      await publisher.queue('q', { arguments: SINGLE })
      await publisher.confirms()
      const [a, b] = [await t.channel('a'), await t.channel('b')]
      await a.qos(1)
      await a.consume('q', 'a')
      await b.consume('q', 'b')
      for (const body of ['1', '2']) await publisher.put('q', body)
      await a.deliveries(1)
      await publisher.count('q')
      await nothingFor(b)
      a.ack(1)
      await a.deliveries(1)
    },
  },
  {
    title: 'a single active consumer can not be exclusive',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q', { arguments: SINGLE })
      await channel.consume('q', 'c', { exclusive: true })
    },
  },
  {
    title: 'a consumer that stops being active keeps what it has',
    async play(t) {
      const { publisher, a, b, put } = await two(t, 'classic')
      await put('1')
      await a.deliveries(1)
      await a.cancel('a')
      await put('2')
      await b.deliveries(1)
      a.ack(1)
      await a.count('q')
      await publisher.count('q')
    },
  },
  {
    title: 'a consumer of a higher priority does not replace the active one of a classic queue',
    async play(t) {
      const publisher = await t.channel('publisher')
      await publisher.queue('q', { arguments: SINGLE })
      await publisher.confirms()
      const channel = await t.channel('consumer')
      await channel.consume('q', 'low')
      await channel.consume('q', 'high', { arguments: { 'x-priority': 10 } })
      await publisher.put('q', '1')
      await channel.deliveries(1)
    },
  },
]

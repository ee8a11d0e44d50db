import { HEARTBEAT, PROTOCOL_HEADER } from '../../../lab/amqp/frames.ts'
import type { Client } from '../client.ts'
import type { Scenario, Stage } from '../stage.ts'

/** A client that has sent tune-ok, and nothing after it. */
async function tuned(t: Stage, heartbeat: number): Promise<Client> {
  const client = await t.socket()
  client.noting = false
  client.write(PROTOCOL_HEADER)
  await client.next('connection.start')
  client.authenticate(t.login)
  await client.next('connection.tune')
  client.noting = true
  client.tune({ ...t.login, heartbeat })
  return client
}

/** Counts whole intervals from now on, to the nearest: there is room for half of one on a busy machine. */
function countIntervals(seconds: number): () => number {
  const start = performance.now()
  return () => Math.round((performance.now() - start) / (seconds * 1000))
}

export const scenarios: Scenario[] = [
  {
    title: 'a heartbeat comes every half interval, from the start',
    async play(t) {
      const client = await t.connect('client', { heartbeat: 4 })
      const passed = countIntervals(4 / 2)
      for (const which of ['first', 'second']) {
        await client.next('heartbeat')
        t.note(`the ${which} comes after ${passed()} half intervals`)
      }
    },
  },
  {
    title: 'a client that is silent from the beginning is cut off after three intervals',
    async play(t) {
      const client = await t.connect('client', { heartbeat: 2 })
      const passed = countIntervals(2)
      await client.ended()
      t.note(`after ${passed()} intervals`)
    },
  },
  {
    title: 'heartbeats begin before the virtual host is opened',
    async play(t) {
      const client = await tuned(t, 1)
      await client.next('heartbeat')
      client.send(0, 'connection.open', { virtualHost: t.vhost.name })
      await client.next('connection.open-ok')
    },
  },
  {
    title: 'a client that never opens its virtual host is cut off',
    async play(t) {
      await (await tuned(t, 1)).ended()
    },
  },
  {
    title: 'part of a frame counts as a heartbeat',
    async play(t) {
      const client = await t.connect('client', { heartbeat: 1 })
      for (const byte of HEARTBEAT) {
        client.write(Buffer.of(byte))
        await client.next('heartbeat')
      }
      await (await client.channel()).queue('q')
    },
  },
  {
    title: 'a client that does not answer connection.close is cut off after an interval',
    async play(t) {
      const client = await t.connect('client', { heartbeat: 1 })
      client.polite = false
      client.send(0, 'connection.open', { virtualHost: t.vhost.name })
      await client.ended()
    },
  },
  {
    title: 'heartbeats come from the server when the client asks for them',
    async play(t) {
      const client = await t.connect('client', { heartbeat: 1 })
      const beat = setInterval(() => client.heartbeat(), 300)
      try {
        for (let n = 0; n < 3; n++) await client.next('heartbeat')
      } finally {
        clearInterval(beat)
      }
      await (await client.channel()).queue('q')
    },
  },
  {
    title: 'a client whose heartbeats stay away is cut off',
    async play(t) {
      const client = await t.connect('client', { heartbeat: 1 })
      await client.ended()
    },
  },
  {
    title: 'without heartbeats a silent client stays',
    async play(t) {
      const client = await t.connect('client', { heartbeat: 0 })
      await t.quiet('a client that says nothing', 200)
      await (await client.channel()).queue('q')
    },
  },
  {
    title: 'what a client sends counts as a heartbeat',
    async play(t) {
      const channel = await t.channel('client', { heartbeat: 1 })
      for (let n = 0; n < 4; n++) {
        await channel.client.next('heartbeat')
        channel.send('basic.qos', { prefetchCount: n })
        await channel.next('basic.qos-ok')
      }
    },
  },
  {
    title: 'a heartbeat on a channel other than 0',
    async play(t) {
      const client = await t.connect()
      await client.channel()
      client.write(Buffer.from([8, 0, 1, 0, 0, 0, 0, 0xce]))
      await client.ended()
    },
  },
]

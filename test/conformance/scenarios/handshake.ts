import { Writer } from '../../../lab/amqp/bytes.ts'
import { PROTOCOL_HEADER } from '../../../lab/amqp/frames.ts'
import { writeTable } from '../../../lab/amqp/table.ts'
import type { Client, Login } from '../client.ts'
import type { Scenario, Stage } from '../stage.ts'

/** A client that the server has greeted; of which nothing is noted. */
async function greeted(t: Stage): Promise<Client> {
  const client = await t.socket()
  client.noting = false
  client.write(PROTOCOL_HEADER)
  await client.next('connection.start')
  client.noting = true
  return client
}

/** A client that has logged in, and was told of the server's limits. */
async function tuned(t: Stage): Promise<Client> {
  const client = await greeted(t)
  client.noting = false
  client.authenticate(t.login)
  await client.next('connection.tune')
  client.noting = true
  return client
}

/** AMQPLAIN's response: a table without its length in front. */
function amqplain(table: { LOGIN: string; PASSWORD: string }): Buffer {
  const writer = new Writer()
  writeTable(writer, table)
  return writer.bytes.subarray(4, writer.length)
}

/** Answers tune with what the server must refuse. */
async function tunedWrongly(t: Stage, login: Partial<Login>): Promise<void> {
  const client = await tuned(t)
  client.tune({ ...t.login, ...login })
  client.send(0, 'connection.open', { virtualHost: t.vhost.name })
  await client.endedOr('connection.open-ok')
}

/** Sends what is no header of AMQP 0-9-1: a server answers with the header of what it speaks, and ends. */
async function wrongHeader(t: Stage, bytes: Buffer): Promise<void> {
  const client = await t.socket()
  // RabbitMQ 4 names AMQP 1.0 here, which the embedded broker does not speak.
  client.noting = false
  client.write(bytes)
  const { args } = await client.next('protocol-header')
  t.note(`a header of ${(args['bytes'] as Buffer).length} bytes`)
  await client.ended()
}

export const scenarios: Scenario[] = [
  {
    title: 'a handshake from the header to open-ok and to the end',
    async play(t) {
      const client = await t.socket()
      client.write(PROTOCOL_HEADER)
      const { args } = await client.next('connection.start')
      t.note(`PLAIN is offered: ${String(args['mechanisms']).split(' ').includes('PLAIN')}`)
      client.authenticate(t.login)
      await client.next('connection.tune')
      client.tune(t.login)
      client.send(0, 'connection.open', { virtualHost: t.vhost.name })
      await client.next('connection.open-ok')
      await client.close()
    },
  },
  {
    title: 'a protocol that is not AMQP is answered with a header of AMQP',
    play: (t) => wrongHeader(t, Buffer.from('GET / HTTP/1.1\r\n\r\n')),
  },
  {
    title: 'a version of AMQP that nobody knows is answered with a header of AMQP',
    play: (t) => wrongHeader(t, Buffer.from('AMQP\x00\x09\x09\x09', 'latin1')),
  },
  {
    title: 'a header that comes byte by byte is a header',
    async play(t) {
      const client = await t.socket()
      for (const byte of PROTOCOL_HEADER) {
        client.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
      await client.next('connection.start')
    },
  },
  {
    title: 'a wrong password is refused with 403',
    async play(t) {
      const client = await greeted(t)
      client.authenticate({ ...t.login, password: 'wrong' })
      await client.ended()
    },
  },
  {
    title: 'an unknown user is refused as a wrong password is',
    async play(t) {
      const client = await greeted(t)
      client.authenticate({ ...t.login, user: 'nobody' })
      await client.ended()
    },
  },
  {
    title: 'a wrong password is met with a closed socket where the client can not be told',
    async play(t) {
      const client = await greeted(t)
      client.authenticate({ ...t.login, password: 'wrong', properties: {} })
      await client.ended()
    },
  },
  {
    title: 'a mechanism that the server does not offer is refused',
    async play(t) {
      const client = await greeted(t)
      const { properties } = t.login
      client.send(0, 'connection.start-ok', { clientProperties: properties, mechanism: 'MAGIC', locale: 'en_US' })
      await client.ended()
    },
  },
  {
    title: 'a login with AMQPLAIN',
    async play(t) {
      const client = await greeted(t)
      const { properties, user, password } = t.login
      const response = amqplain({ LOGIN: user, PASSWORD: password })
      client.send(0, 'connection.start-ok', { clientProperties: properties, mechanism: 'AMQPLAIN', response })
      await client.next('connection.tune')
    },
  },
  {
    title: 'a login with AMQPLAIN and a wrong password is refused',
    async play(t) {
      const client = await greeted(t)
      const { properties, user } = t.login
      const response = amqplain({ LOGIN: user, PASSWORD: 'wrong' })
      client.send(0, 'connection.start-ok', { clientProperties: properties, mechanism: 'AMQPLAIN', response })
      await client.ended()
    },
  },
  {
    title: 'a response of PLAIN that is none is refused',
    async play(t) {
      const client = await greeted(t)
      const { properties } = t.login
      client.send(0, 'connection.start-ok', { clientProperties: properties, mechanism: 'PLAIN', response: 'guest' })
      await client.ended()
    },
  },
  {
    title: 'a virtual host that is not there is refused with 530',
    async play(t) {
      const client = await tuned(t)
      client.tune(t.login)
      client.send(0, 'connection.open', { virtualHost: 'nowhere' })
      await client.ended()
    },
  },
  {
    title: 'a virtual host of somebody else is refused with 530',
    async play(t) {
      const client = await tuned(t)
      client.tune(t.login)
      client.send(0, 'connection.open', { virtualHost: '/' })
      await client.ended()
    },
  },
  {
    title: 'a frame_max that is too small is refused',
    play: (t) => tunedWrongly(t, { frameMax: 1_000 }),
  },
  {
    title: 'the frame_max of 4096 bytes that the protocol promises is refused',
    play: (t) => tunedWrongly(t, { frameMax: 4_096 }),
  },
  {
    title: 'the smallest frame_max is 8192 bytes',
    async play(t) {
      const client = await tuned(t)
      client.tune({ ...t.login, frameMax: 8_192 })
      client.send(0, 'connection.open', { virtualHost: t.vhost.name })
      await client.next('connection.open-ok')
    },
  },
  {
    title: 'a frame_max above what was offered is refused',
    play: (t) => tunedWrongly(t, { frameMax: 200_000 }),
  },
  {
    title: 'a channel_max above what was offered is refused',
    play: (t) => tunedWrongly(t, { channelMax: 4_000 }),
  },
  {
    title: 'a channel_max without a limit is refused',
    play: (t) => tunedWrongly(t, { channelMax: 0 }),
  },
  {
    title: 'a channel_max of 2 means two channels, whatever their numbers',
    async play(t) {
      const client = await t.connect('client', { channelMax: 2 })
      for (const number of [2, 30]) await client.bare(number).call('channel.open')
      client.bare(1).send('channel.open')
      await client.ended()
    },
  },
  {
    title: 'a small frame_max cuts a delivery into frames',
    async play(t) {
      const wide = await t.channel('publisher')
      await wide.queue('q')
      await wide.confirms()
      await wide.put('q', 'x'.repeat(20_000))
      const narrow = await t.channel('reader', { frameMax: 8_192 })
      await narrow.get('q')
    },
  },
  {
    title: 'connection.open in place of start-ok',
    async play(t) {
      const client = await greeted(t)
      client.send(0, 'connection.open', { virtualHost: t.vhost.name })
      await client.ended()
    },
  },
  {
    title: 'connection.open in place of tune-ok',
    async play(t) {
      const client = await tuned(t)
      client.send(0, 'connection.open', { virtualHost: t.vhost.name })
      await client.ended()
    },
  },
  {
    title: 'channel.open in place of connection.open',
    async play(t) {
      const client = await tuned(t)
      client.tune(t.login)
      client.bare(1).send('channel.open')
      await client.ended()
    },
  },
  {
    title: 'a connection that is closed before it is open',
    async play(t) {
      const client = await tuned(t)
      client.send(0, 'connection.close', { replyCode: 200, replyText: 'no' })
      await client.ended()
    },
  },
  {
    title: 'a second connection.open',
    async play(t) {
      const client = await t.connect()
      client.send(0, 'connection.open', { virtualHost: t.vhost.name })
      await client.ended()
    },
  },
]

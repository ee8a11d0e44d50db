import { encodeContent, encodeMethod } from '../../../lab/amqp/frames.ts'
import type { Table } from '../../../lab/amqp/table.ts'
import type { Scenario, Stage } from '../stage.ts'

const PUBLISH = encodeMethod(1, 'basic.publish', { routingKey: 'q' })

/** A frame of any bytes. */
function frame(type: number, channel: number, payload: Buffer, end = 0xce): Buffer {
  const head = Buffer.alloc(7)
  head.writeUInt8(type, 0)
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.from([end])])
}

function method(classId: number, methodId: number, ...args: number[]): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt16BE(classId, 0)
  payload.writeUInt16BE(methodId, 2)
  return frame(1, 1, Buffer.concat([payload, Buffer.from(args)]))
}

function header(classId: number, bodySize: number, flags = 0): Buffer {
  const payload = Buffer.alloc(14)
  payload.writeUInt16BE(classId, 0)
  payload.writeBigUInt64BE(BigInt(bodySize), 4)
  payload.writeUInt16BE(flags, 12)
  return frame(2, 1, payload)
}

/** Sends bytes on a connection with channel 1 open, for which the server ends it, with or without a word. */
function broken(title: string, ...bytes: Buffer[]): Scenario {
  return {
    title,
    async play(t: Stage) {
      const { client } = await t.channel()
      client.write(Buffer.concat(bytes))
      await client.ended()
    },
  }
}

export const scenarios: Scenario[] = [
  broken('a frame that does not end in CE', frame(1, 1, encodeMethod(1, 'basic.qos').subarray(7, -1), 0)),
  broken('a frame of an unknown type', frame(7, 1, Buffer.from('huh'))),
  broken('a frame larger than frame_max', frame(3, 1, Buffer.alloc(131_073))),
  broken('a method of an unknown class', method(77, 10)),
  broken('an unknown method of a known class', method(60, 77)),
  broken('a method whose arguments end too soon', method(50, 10, 0, 0, 5)),
  broken('a method with too many arguments', method(20, 20, 1, 2, 3)),
  broken('a table with a field type that nobody knows', method(50, 10, 0, 0, 1, 113, 0, 0, 0, 0, 4, 1, 97, 63, 0)),
  broken('a method that only servers send', method(60, 11)),
  broken('a header frame without a method', header(60, 0)),
  broken('a body frame without a method', frame(3, 1, Buffer.from('huh'))),
  broken('a body frame where a header must be', PUBLISH, frame(3, 1, Buffer.from('huh'))),
  broken('a method where a header must be', PUBLISH, encodeMethod(1, 'basic.qos')),
  broken('a method where a body must be', PUBLISH, header(60, 5), encodeMethod(1, 'basic.qos')),
  broken('a header where a body must be', PUBLISH, header(60, 5), header(60, 5)),
  broken('a header of another class', PUBLISH, header(50, 0)),
  // Older RabbitMQs notice it with the next frame only.
  broken(
    'more body than the header said',
    PUBLISH,
    header(60, 3),
    frame(3, 1, Buffer.from('hello')),
    encodeMethod(1, 'basic.qos'),
  ),
  broken(
    'content on a channel that is not open',
    encodeMethod(5, 'basic.publish'),
    encodeContent(5, {}, Buffer.from('a')),
  ),
  broken('a method on a channel that is not open', encodeMethod(5, 'basic.qos')),
  broken('channel.open on channel 0', encodeMethod(0, 'channel.open')),
  broken('a method of a channel on channel 0', encodeMethod(0, 'basic.qos')),
  broken('a method of the connection on channel 1', encodeMethod(1, 'connection.close', { replyCode: 200 })),
  {
    title: 'a method that comes byte by byte is a method',
    async play(t) {
      const channel = await t.channel()
      for (const byte of encodeMethod(1, 'queue.declare', { queue: 'q', durable: true })) {
        channel.client.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
      await channel.next('queue.declare-ok')
    },
  },
  {
    title: 'an empty body frame is skipped',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      const parts = [frame(3, 1, Buffer.from('he')), frame(3, 1, Buffer.alloc(0)), frame(3, 1, Buffer.from('llo'))]
      channel.client.write(Buffer.concat([PUBLISH, header(60, 5), ...parts]))
      await channel.confirmed(1)
      await channel.get('q')
    },
  },
  {
    title: 'frames of two channels may alternate within their messages',
    async play(t) {
      const client = await t.connect()
      const [first, second] = [await client.channel(1), await client.channel(2)]
      await first.queue('q')
      await first.confirms()
      await second.confirms()
      const content = encodeContent(2, {}, Buffer.from('second'))
      client.write(
        Buffer.concat([PUBLISH, encodeMethod(2, 'basic.publish', { routingKey: 'q' }), header(60, 5), content]),
      )
      await second.confirmed(1)
      client.write(frame(3, 1, Buffer.from('first')))
      await first.confirmed(1)
      await first.get('q')
      await first.get('q')
    },
  },
  {
    title: 'a message of no bytes has no body frame',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      await channel.put('q', '')
      await channel.get('q')
    },
  },
  {
    title: 'a message larger than a frame comes back whole',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      const body = Buffer.alloc(300_000, 'abcdefg')
      await channel.put('q', body)
      const { content } = await channel.get('q')
      t.note(`the same bytes: ${content?.body.equals(body)}`)
    },
  },
  {
    title: 'properties and headers of all types pass through untouched',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.confirms()
      // In alphabetical order, as RabbitMQ 4 brings them in it: the order of a table's fields means nothing.
      const headers: Table = {
        byte: 1,
        bytes: Buffer.from([0, 1, 255]),
        double: 1.5,
        float: { '!': 'float', value: 0.5 },
        int: 70_000,
        list: ['a', 1, { deep: false }],
        long: 2 ** 40,
        money: { '!': 'decimal', value: { places: 2, digits: 314 } },
        nothing: null,
        short: 300,
        text: 'ä',
        unsigned: { '!': 'uint32', value: 4_000_000_000 },
        when: { '!': 'timestamp', value: 1_700_000_000 },
        yes: true,
      }
      await channel.put('q', 'body', {
        contentType: 'text/plain',
        contentEncoding: 'utf-8',
        headers,
        deliveryMode: 2,
        priority: 3,
        correlationId: 'c',
        replyTo: 'r',
        expiration: '60000',
        messageId: 'm',
        timestamp: 1_700_000_000,
        type: 't',
        userId: t.vhost.user,
        appId: 'a',
        clusterId: 'cl',
      })
      const { content } = await channel.get('q')
      const raw = content?.rawProperties.toString('hex') ?? ''
      t.note(raw.replace(Buffer.from(t.vhost.user).toString('hex'), '<user>'))
    },
  },
  {
    title: 'message properties with a flag that nobody knows',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      channel.client.write(Buffer.concat([PUBLISH, header(60, 0, 0x0002)]))
      await channel.call('basic.qos', { prefetchCount: 1 })
      await channel.count('q')
    },
  },
  {
    title: 'access.request of AMQP 0-8',
    async play(t) {
      const channel = await t.channel()
      await channel.call('access.request', { realm: '/data' })
    },
  },
]

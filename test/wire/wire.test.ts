import { once } from 'node:events'
import { expect, test } from 'vitest'
import { PROTOCOL_HEADER } from '../../lab/amqp/frames.ts'
import { NeverCame, Recorder } from '../../lab/recording/recorder.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { openWire } from '../../lab/wire/wire.ts'
import { amqpClient, knock, rawClient } from './client.ts'
import { fakeServer, rawServer } from './fake-server.ts'

const methods = (events: RecordedEvent[]) =>
  events.flatMap((event) => (event.kind === 'frame' ? [`${event.from} ${event.method}`] : []))
const tcp = (events: RecordedEvent[]) =>
  events.flatMap((event) => (event.kind === 'tcp' ? [[event.what, event.by].filter(Boolean).join(' by ')] : []))

test('a client and a broker talk through it, and every frame is in the recording, in order', async () => {
  await using server = await fakeServer()
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: server.target })
  expect(wire.port).toBeLessThan(32_768)
  const client = await amqpClient(wire)
  expect(wire.openConnections()).toBe(1)
  const channel = await client.createConfirmChannel()
  await channel.assertQueue('tasks')
  const confirmed = Promise.withResolvers<void>()
  channel.sendToQueue('tasks', Buffer.from('ä'.repeat(1_500)), { persistent: true, messageId: 'm-1' }, (error) =>
    error ? confirmed.reject(error) : confirmed.resolve(),
  )
  await confirmed.promise
  await client.close()
  await wire.ends({ by: 'student' })
  expect(wire.openConnections()).toBe(0)

  expect(methods(recorder.events)).toEqual([
    'student protocol-header',
    'broker connection.start',
    'student connection.start-ok',
    'broker connection.tune',
    'student connection.tune-ok',
    'student connection.open',
    'broker connection.open-ok',
    'student channel.open',
    'broker channel.open-ok',
    'student confirm.select',
    'broker confirm.select-ok',
    'student queue.declare',
    'broker queue.declare-ok',
    'student basic.publish',
    'student header',
    'student body',
    'broker basic.ack',
    'student connection.close',
    'broker connection.close-ok',
  ])
  const startOk = await wire.sees('connection.start-ok')
  expect(startOk.fields).toMatchObject({
    mechanism: 'PLAIN',
    response: '\0lab\0geheim',
    clientProperties: { connection_name: 'tester' },
  })
  expect((await wire.sees('header')).fields).toEqual({
    bodySize: 3_000,
    properties: { deliveryMode: 2, messageId: 'm-1', headers: {} },
  })
  expect((await wire.sees('body')).fields).toEqual({ size: 3_000, text: 'ä'.repeat(1_000) })
  expect(JSON.parse(JSON.stringify(recorder.events))).toEqual(recorder.events)
})

test('a FIN is passed on as a FIN, and the other direction lives on', async () => {
  await using server = await rawServer((socket) => {
    socket.on('end', () => socket.end('and the last word'))
    socket.resume()
  })
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: server.target })
  using client = await rawClient(wire)
  client.socket.end(PROTOCOL_HEADER)
  expect(await client.closed).toEqual(['end'])
  expect(client.bytes().toString()).toBe('and the last word')
  await wire.ends({ by: 'broker' })
  expect(tcp(recorder.events)).toEqual(['accepted', 'ended by student', 'ended by broker'])
})

test.each(['student', 'broker'] as const)('an RST of the %s is passed on as an RST', async (side) => {
  await using server = await rawServer((socket) => socket.resume())
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: server.target })
  using client = await rawClient(wire)
  client.socket.write(PROTOCOL_HEADER)
  await wire.sees('protocol-header')
  const [upstream] = server.sockets
  const resets = once((side === 'student' ? upstream : client.socket) as typeof client.socket, 'error')
  if (side === 'student') client.socket.resetAndDestroy()
  else upstream?.resetAndDestroy()
  expect((await resets)[0]).toMatchObject({ code: 'ECONNRESET' })
  expect(tcp(recorder.events)).toEqual(['accepted', `reset by ${side}`])
  expect(wire.openConnections()).toBe(0)
})

test('a broker that is not there is noted, and the student is reset', async () => {
  const gone = await rawServer(() => {})
  await gone[Symbol.asyncDispose]()
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: gone.target })
  using client = await rawClient(wire)
  expect(await client.closed).toEqual(['ECONNRESET'])
  expect(tcp(recorder.events)).toEqual(['accepted', 'upstream-failed'])
  expect(recorder.events.at(-1)).toMatchObject({ detail: 'ECONNREFUSED' })
})

test('what is no AMQP is forwarded all the same, and noted as undecoded', async () => {
  await using server = await rawServer((socket) => socket.pipe(socket))
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: server.target })
  using client = await rawClient(wire)
  client.socket.end('GET / HTTP/1.1\r\n\r\n')
  await client.closed
  expect(client.bytes().toString()).toBe('GET / HTTP/1.1\r\n\r\n')
  const { fields } = await wire.sees('undecoded', {}, { from: 'student' })
  expect(fields).toMatchObject({ size: 18, reason: "a frame can't be of type 71" })
})

test('a broker that does not read makes the student wait, and loses nothing', async () => {
  const total = 24 * 1024 * 1024
  await using server = await rawServer((socket) => socket.pause())
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: server.target })
  using client = await rawClient(wire)
  client.socket.write(Buffer.alloc(total, 0x47))
  await wire.sees('undecoded')
  const seen = () =>
    recorder.events.reduce((sum, event) => sum + (event.kind === 'frame' ? Number(event.fields.size) : 0), 0)
  // The wire has stopped reading when no more was seen for several whole round trips of other sockets.
  await using other = await fakeServer()
  for (let still = 0, before = -1; still < 20; still = seen() === before ? still + 1 : 0) {
    before = seen()
    await knock(other.target)
  }
  expect(seen()).toBeLessThan(total)
  const [upstream] = server.sockets
  let arrived = 0
  const all = Promise.withResolvers<void>()
  upstream?.on('data', (chunk: Buffer) => {
    arrived += chunk.length
    if (arrived === total) all.resolve()
  })
  upstream?.resume()
  await all.promise
})

test('waiting says in words what it waits for', async () => {
  await using server = await fakeServer()
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: server.target })
  await using _client = await amqpClient(wire)
  await expect(wire.sees('basic.deliver', { routingKey: 'x' }, { limitMs: 1, connection: 1 })).rejects.toThrow(
    new NeverCame("a basic.deliver from the broker (routingKey 'x') on connection 1", 1),
  )
  await expect(wire.sees('exchange.declare', { durable: true }, { limitMs: 1 })).rejects.toThrow(
    'an exchange.declare from your service (durable true)',
  )
  await expect(wire.sees('basic.ack', () => true, { limitMs: 1 })).rejects.toThrow(/for a basic.ack$/)
  await expect(wire.accepts(2, { limitMs: 1 })).rejects.toThrow('connection 2 from your service')
  await expect(wire.ends({ by: 'broker', limitMs: 1 })).rejects.toThrow('the end of a connection by the broker')
  expect(await wire.accepts()).toMatchObject({ connection: 1, what: 'accepted' })
})

test('several wires of one recording count their connections together, and wait for their own', async () => {
  await using server = await fakeServer()
  const recorder = new Recorder()
  await using one = await openWire({ recorder, target: server.target, name: 'node 1' })
  await using two = await openWire({ recorder, target: server.target, name: 'node 2' })
  await using _first = await amqpClient(one)
  await using _second = await amqpClient(two)
  expect(await one.accepts()).toMatchObject({ connection: 1, detail: 'node 1' })
  expect(await two.accepts()).toMatchObject({ connection: 2, detail: 'node 2' })
  expect(await two.sees('connection.open-ok')).toMatchObject({ connection: 2 })
})

test('after it is disposed of, no port, no connection and no event is left', async () => {
  await using server = await rawServer((socket) => socket.resume())
  const recorder = new Recorder()
  const wire = await openWire({ recorder, target: server.target })
  using client = await rawClient(wire)
  client.socket.write(PROTOCOL_HEADER)
  await wire.sees('protocol-header')
  const count = recorder.events.length
  await wire[Symbol.asyncDispose]()
  await client.socket.end()
  await client.closed
  expect(wire.openConnections()).toBe(0)
  expect(await knock(wire)).toBe('ECONNREFUSED')
  expect(recorder.events).toHaveLength(count)
  await wire[Symbol.asyncDispose]()
})

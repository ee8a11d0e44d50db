import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { expect, test } from 'vitest'
import { encodeContent, encodeMethod, HEARTBEAT, PROTOCOL_HEADER } from '../../lab/amqp/frames.ts'
import type { MethodName } from '../../lab/amqp/methods.ts'
import { Recorder } from '../../lab/recording/recorder.ts'
import type { Fault } from '../../lab/wire/fault.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { firstComer } from '../../lab/wire/faults/first-comer.ts'
import { halfOpen } from '../../lab/wire/faults/half-open.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { inTurn } from '../../lab/wire/faults/in-turn.ts'
import { inject } from '../../lab/wire/faults/inject.ts'
import { lateConfirms } from '../../lab/wire/faults/late-confirms.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { silent } from '../../lab/wire/faults/silent.ts'
import { stall } from '../../lab/wire/faults/stall.ts'
import { throttle } from '../../lab/wire/faults/throttle.ts'
import { openWire, type Wire } from '../../lab/wire/wire.ts'
import { amqpClient, knock, rawClient } from './client.ts'
import { fakeServer, type Peer, rawServer } from './fake-server.ts'

async function stage(answers = {}) {
  const server = await fakeServer(answers)
  const recorder = new Recorder()
  const wire = await openWire({ recorder, target: server.target })
  return {
    server,
    recorder,
    wire,
    async [Symbol.asyncDispose]() {
      await wire[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
/** An answer on a connection that no fault has touched: whatever was on its way to the others has had its time. */
const roundTripPast = async (wire: Wire) => {
  const before = await wire.accepts(1)
  expect(before.connection).toBe(1)
  await knock(wire)
  await wire.accepts(2)
}

/** A broker that says nothing until it has four tasks; then it confirms them in an order of its own. */
function confirmsAtTheFourth() {
  let tag = 0
  return (peer: Peer, channel: number) => {
    if (++tag < 4) return
    peer.send(channel, 'basic.ack', { deliveryTag: 4 })
    peer.send(channel, 'basic.nack', { deliveryTag: 2 })
    peer.send(channel, 'basic.ack', { deliveryTag: 3, multiple: true })
  }
}

/** amqplib's types don't tell of it. */
function socketOf({ connection }: ChannelModel): Socket {
  return (connection as unknown as { stream: Socket }).stream
}

/** The operating system takes no more of what it sends. */
function waits(client: ChannelModel): boolean {
  return socketOf(client).writableNeedDrain
}

function confirmed(channel: ConfirmChannel, task: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.sendToQueue('tasks', task, {}, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}

/** A whole round trip through the wire and back: what was sent before it has passed. */
const roundTrip = async (wire: Wire) => (await amqpClient(wire)).close()

test('refuse: connecting is refused by the operating system, connections that are there stay', async () => {
  await using play = await stage()
  const { wire, recorder } = play
  await using client = await amqpClient(wire)
  const fault = await wire.switchOn(refuse())
  expect(await knock(wire)).toBe('ECONNREFUSED')
  await client.createChannel()
  await fault.off()
  await fault.off()
  expect(await knock(wire)).toBe('connected')
  expect(recorder.events.filter(({ kind }) => kind === 'fault')).toMatchObject([
    { name: 'refuse', on: true },
    { name: 'refuse', on: false },
  ])
})

test('refuse: the port opens when the last of several is off, again and again', async () => {
  await using play = await stage()
  for (let time = 0; time < 20; time++) {
    const first = await play.wire.switchOn(refuse())
    const second = await play.wire.switchOn(refuse())
    await first.off()
    expect(await knock(play.wire)).toBe('ECONNREFUSED')
    await second.off()
    expect(await knock(play.wire)).toBe('connected')
  }
})

test('reset: open connections are reset; new ones too, when asked for', async () => {
  await using play = await stage()
  const { wire } = play
  const client = await amqpClient(wire)
  const failed = once(client, 'error')
  {
    await using _fault = await wire.switchOn(reset({ arriving: true }))
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' })
    await expect(amqpClient(wire)).rejects.toMatchObject({ code: 'ECONNRESET' })
  }
  expect(await wire.ends({ connection: 1 })).toMatchObject({ what: 'reset', by: 'lab' })
  await roundTrip(wire)
})

test.each([
  ['accept', 'end'],
  ['accept', 'reset'],
  ['protocol-header', 'end'],
  ['protocol-header', 'reset'],
  ['connection.start', 'end'],
  ['connection.tune', 'reset'],
  ['connection.open-ok', 'end'],
] as const)('close-in-handshake: at %s with %s, so many times as asked for', async (at, how) => {
  await using play = await stage()
  const { wire, recorder } = play
  const fault = await wire.switchOn(closeInHandshake({ at, how, times: 2 }))
  for (const connection of [1, 2]) {
    await expect(amqpClient(wire)).rejects.toThrow()
    expect(await wire.ends({ connection, by: 'lab' })).toMatchObject({ what: how === 'end' ? 'ended' : 'reset' })
  }
  await roundTrip(wire)
  await fault.off()
  if (at === 'accept') return
  const [frame] = recorder.events.filter((event) => event.kind === 'frame' && event.method === at)
  expect(frame).toMatchObject({ connection: 1, held: true })
})

test('silent: nothing is said; late, what was kept back goes on', async () => {
  await using play = await stage()
  const { wire, server } = play
  const fault = await wire.switchOn(silent({ answer: 'late' }))
  const opening = amqpClient(wire)
  expect(await wire.sees('protocol-header')).toMatchObject({ held: true })
  expect(server.peers).toHaveLength(0)
  await fault.off()
  await using _client = await opening
  await roundTrip(wire)
})

test('silent: connections that fell silent stay so, and others work', async () => {
  await using play = await stage()
  const { wire, server } = play
  const fault = await wire.switchOn(silent())
  using client = await rawClient(wire)
  client.socket.write(PROTOCOL_HEADER)
  await wire.sees('protocol-header')
  expect(wire.openConnections()).toBe(1)
  await fault.off()
  await roundTrip(wire)
  expect(server.peers).toHaveLength(1)
  client.socket.end()
  await wire.ends({ connection: 1, by: 'student' })
  expect(wire.openConnections()).toBe(0)
  expect(client.heard).toEqual([])
})

test('silent: an open connection loses its other end without a word; the broker hears nothing of its end', async () => {
  await using play = await stage()
  const { wire, server } = play
  using client = await rawClient(wire)
  client.socket.write(PROTOCOL_HEADER)
  await wire.sees('connection.start')
  await using _fault = await wire.switchOn(silent({ existing: true }))
  while (client.bytes().length === 0) await once(client.socket, 'data')
  const before = client.bytes().length
  client.socket.write(HEARTBEAT)
  server.peers[0]?.send(0, 'connection.blocked', { reason: 'test' })
  expect(await wire.sees('heartbeat')).toMatchObject({ held: true })
  expect(await wire.sees('connection.blocked')).toMatchObject({ held: true })
  client.socket.resetAndDestroy()
  await wire.ends({ by: 'student' })
  expect(client.bytes()).toHaveLength(before)
  expect(server.peers[0]?.socket.readyState).toBe('open')
})

test('hold: frames wait with all that is behind them until they are released, and are noted once', async () => {
  await using play = await stage()
  const { wire, recorder } = play
  await using client = await amqpClient(wire)
  const channel = await client.createConfirmChannel()
  const acks = hold({ method: 'basic.ack', from: 'broker', match: { deliveryTag: 2 } })
  const fault = await wire.switchOn(acks)
  const confirmed: number[] = []
  const confirms = [1, 2, 3].map((n) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    channel.sendToQueue('tasks', Buffer.from(`task ${n}`), {}, () => {
      confirmed.push(n)
      resolve()
    })
    return promise
  })
  await confirms[0]
  await wire.sees('basic.ack', { deliveryTag: 3 })
  await roundTrip(wire)
  expect(confirmed).toEqual([1])
  acks.release()
  await Promise.all(confirms)
  expect(confirmed).toEqual([1, 2, 3])
  await fault.off()
  const seen = recorder.events.flatMap((event) =>
    event.kind === 'frame' && event.method === 'basic.ack' ? [[event.fields.deliveryTag, event.held]] : [],
  )
  expect(seen).toEqual([
    [1, undefined],
    [2, true],
    [3, true],
  ])
})

test('hold: of two holds, each keeps its own frames back; switching off is releasing', async () => {
  await using play = await stage()
  const { wire, server } = play
  await using client = await amqpClient(wire)
  const channel = await client.createChannel()
  const publishes = await wire.switchOn(hold({ method: 'basic.publish' }))
  const declares = await wire.switchOn(hold({ method: 'queue.declare' }))
  channel.sendToQueue('tasks', Buffer.from('a task'))
  const declared = channel.assertQueue('tasks')
  await wire.sees('queue.declare')
  await publishes.off()
  await roundTrip(wire)
  expect(server.peers[0]?.got).toContain('basic.publish')
  expect(server.peers[0]?.got).not.toContain('queue.declare')
  await declares.off()
  await declared
})

test('hold: switched on and off in the middle of a frame, the bytes stay whole and in order', async () => {
  const arrived: Buffer[] = []
  await using server = await rawServer((socket) => socket.on('data', (chunk: Buffer) => arrived.push(chunk)))
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: server.target })
  using client = await rawClient(wire)
  const publish = encodeMethod(1, 'basic.publish', { routingKey: 'x'.repeat(100) })
  const stream = Buffer.concat([PROTOCOL_HEADER, publish, encodeContent(1, {}, Buffer.alloc(50)), publish, HEARTBEAT])
  const got = () => Buffer.concat(arrived)
  const send = async (from: number, to: number, until: () => boolean) => {
    client.socket.write(stream.subarray(from, to))
    while (!until()) await knock(wire)
  }

  await send(0, 30, () => got().length === 30)
  const first = await wire.switchOn(hold({ method: 'basic.publish' }))
  // Its beginning has gone on before: so does its end.
  await send(30, 8 + publish.length, () => got().length === 8 + publish.length)
  await first.off()
  const second = await wire.switchOn(hold({ method: 'header' }))
  await send(8 + publish.length, stream.length - 10, () => recorder.events.some((event) => 'held' in event))
  expect(got().length).toBe(8 + publish.length)
  await second.off()
  await send(stream.length - 10, stream.length, () => got().length === stream.length)
  expect(got().equals(stream)).toBe(true)
  await wire.sees('heartbeat')
  expect(recorder.events.filter((event) => event.kind === 'frame').map(({ method }) => method)).toEqual([
    'protocol-header',
    'basic.publish',
    'header',
    'body',
    'basic.publish',
    'heartbeat',
  ])
})

test('stall: the bytes of the student are taken no more until it is off', async () => {
  await using play = await stage()
  const { wire, server } = play
  await using client = await amqpClient(wire)
  const fault = await wire.switchOn(stall())
  const opened = client.createChannel()
  const other = wire.accepts(2)
  await knock(wire)
  await other
  expect(server.peers[0]?.got).not.toContain('channel.open')
  await fault.off()
  await opened
})

test('stall: the sender has to wait once the buffers of the network are full, and nothing is lost', async () => {
  await using play = await stage()
  const { wire, server } = play
  await using client = await amqpClient(wire)
  const channel = await client.createConfirmChannel()
  const fault = await wire.switchOn(stall())
  const task = Buffer.alloc(20_000)
  const confirms = Array.from({ length: 2_000 }, () => confirmed(channel, task))
  await roundTripPast(wire)
  expect(waits(client)).toBe(true)
  await fault.off()
  await Promise.all(confirms)
  expect(server.peers[0]?.got.filter((name) => name === 'basic.publish')).toHaveLength(2_000)
})

test('throttle: bytes pass, but slowly; nothing is lost', async () => {
  await using play = await stage()
  const { wire, recorder } = play
  await using client = await amqpClient(wire)
  const channel = await client.createConfirmChannel()
  const began = recorder.now()
  await using _fault = await wire.switchOn(throttle({ bytesPerSecond: 200_000 }))
  const first = confirmed(channel, Buffer.alloc(60_000))
  await first
  await confirmed(channel, Buffer.alloc(10))
  // The second one had to wait for as long as the first took.
  expect(recorder.now() - began).toBeGreaterThan(250)
})

test('throttle: switched off, what waits goes on at once', async () => {
  await using play = await stage()
  const { wire } = play
  await using client = await amqpClient(wire)
  const channel = await client.createConfirmChannel()
  const fault = await wire.switchOn(throttle({ bytesPerSecond: 0.1 }))
  await confirmed(channel, Buffer.alloc(10))
  const second = confirmed(channel, Buffer.alloc(10))
  await roundTripPast(wire)
  await fault.off()
  await second
})

test('throttle: the broker is read slowly, too, when asked for', async () => {
  await using play = await stage()
  const { wire } = play
  await using client = await amqpClient(wire)
  const fault = await wire.switchOn(throttle({ bytesPerSecond: 0.1, from: 'broker' }))
  await client.createChannel()
  const second = client.createChannel()
  await wire.sees('channel.open', {}, { count: 2 })
  expect(await Promise.race([second.then(() => 'answered'), roundTripPast(wire)])).not.toBe('answered')
  await fault.off()
  await second
})

test('half-open: nothing is read or answered, nothing is closed; the student waits, and a new connection works', async () => {
  await using play = await stage()
  const { wire, server } = play
  const client = await amqpClient(wire)
  const channel = await client.createConfirmChannel()
  const heard: string[] = []
  for (const event of ['close', 'end', 'error']) socketOf(client).on(event, () => heard.push(event))
  const fault = await wire.switchOn(halfOpen())
  const lost = Array.from({ length: 2_000 }, () => confirmed(channel, Buffer.alloc(20_000)).catch(() => 'lost'))
  server.peers[0]?.send(0, 'connection.blocked', { reason: 'test' })
  expect(await wire.sees('connection.blocked')).toMatchObject({ held: true })
  await roundTrip(wire)
  expect(server.peers).toHaveLength(2)
  expect(server.peers[0]?.got).not.toContain('basic.publish')
  expect(waits(client)).toBe(true)
  expect(heard).toEqual([])
  await wire.ends({ connection: 2, by: 'student' })
  expect(wire.openConnections()).toBe(1)

  // Megabytes wait: all are read now, also more than a fault keeps back.
  const drained = once(socketOf(client), 'drain')
  await fault.off()
  await drained
  socketOf(client).destroy(new Error('given up'))
  await wire.ends({ connection: 1, by: 'student' })
  expect(await wire.sees('basic.publish', {}, { connection: 1 })).toMatchObject({ held: true })
  expect(server.peers[0]?.got).not.toContain('basic.publish')
  expect(server.peers[0]?.socket.readyState).toBe('open')
  expect(new Set(await Promise.all(lost))).toEqual(new Set(['lost']))
})

test('half-open: arriving connections too, when asked for, and for good', async () => {
  await using play = await stage()
  const { wire, server } = play
  const fault = await wire.switchOn(halfOpen({ arriving: true }))
  using client = await rawClient(wire)
  client.socket.write(PROTOCOL_HEADER)
  await knock(wire)
  await fault.off()
  expect(await wire.sees('protocol-header')).toMatchObject({ held: true })
  await roundTrip(wire)
  expect(client.bytes()).toHaveLength(0)
  expect(server.peers).toHaveLength(1)
})

test('late-confirms: confirms are kept back and all else goes on; then they follow, in the order of their tags', async () => {
  await using play = await stage({ 'basic.publish': confirmsAtTheFourth() })
  const { wire, recorder } = play
  await using client = await amqpClient(wire)
  const fault = await wire.switchOn(lateConfirms())
  const channel = await client.createConfirmChannel()
  const settled: string[] = []
  const calls = [1, 2, 3, 4].map((n) =>
    confirmed(channel, Buffer.from(`task ${n}`)).then(
      () => settled.push(`ack ${n}`),
      () => settled.push(`nack ${n}`),
    ),
  )
  await wire.sees('basic.ack', {}, { count: 2 })
  await channel.assertQueue('tasks')
  expect(settled).toEqual([])
  await fault.off()
  await Promise.all(calls)
  expect(settled).toEqual(['ack 1', 'nack 2', 'ack 3', 'ack 4'])
  const seen = recorder.events.flatMap((event) =>
    event.kind === 'frame' && /basic.n?ack/.test(event.method)
      ? [[event.method, event.fields.deliveryTag, event.fields.multiple, event.held]]
      : [],
  )
  expect(seen).toEqual([
    ['basic.ack', 4, false, true],
    ['basic.nack', 2, false, true],
    ['basic.ack', 3, true, true],
    ['basic.ack', 1, false, undefined],
    ['basic.nack', 2, false, undefined],
    ['basic.ack', 3, false, undefined],
    ['basic.ack', 4, false, undefined],
  ])
})

test('late-confirms: channels that were in confirm mode before are left alone', async () => {
  await using play = await stage()
  await using client = await amqpClient(play.wire)
  const channel = await client.createConfirmChannel()
  await using _fault = await play.wire.switchOn(lateConfirms())
  await confirmed(channel, Buffer.from('a task'))
})

test('inject: the student gets a close that the broker never sent', async () => {
  await using play = await stage()
  const { wire } = play
  const client = await amqpClient(wire)
  const closed = once(client, 'close')
  await wire.switchOn(inject('connection.close', { replyCode: 320, replyText: 'CONNECTION_FORCED' }))
  expect((await closed)[0]).toMatchObject({ code: 320 })
  expect(await wire.sees('connection.close', { replyCode: 320 })).toMatchObject({ from: 'broker' })
  await wire.sees('connection.close-ok', {}, { from: 'student' })
})

test('inject: in the middle of a frame of the broker, it waits for the end of that frame', async () => {
  const arrived = Promise.withResolvers<void>()
  await using server = await rawServer((socket) => socket.resume() && arrived.resolve())
  const recorder = new Recorder()
  await using wire = await openWire({ recorder, target: server.target })
  using client = await rawClient(wire)
  await arrived.promise
  const frame = encodeMethod(0, 'connection.blocked', { reason: 'memory' })
  const [broker] = server.sockets
  broker?.write(frame.subarray(0, 9))
  while (client.bytes().length < 9) await once(client.socket, 'data')
  await wire.switchOn(inject('connection.unblocked'))
  broker?.write(Buffer.concat([frame.subarray(9), HEARTBEAT]))
  const expected = Buffer.concat([frame, encodeMethod(0, 'connection.unblocked'), HEARTBEAT])
  while (client.bytes().length < expected.length) await once(client.socket, 'data')
  expect(client.bytes().equals(expected)).toBe(true)
  await wire.sees('connection.unblocked')
})

test('faults do not undo one another: a silent connection stays silent when a hold is switched off', async () => {
  await using play = await stage()
  const { wire, server } = play
  const late = await wire.switchOn(silent({ answer: 'late' }))
  const holding = await wire.switchOn(hold({ method: 'protocol-header' }))
  using client = await rawClient(wire)
  client.socket.write(PROTOCOL_HEADER)
  await wire.sees('protocol-header')
  await holding.off()
  await knock(server.target)
  expect(client.bytes()).toHaveLength(0)
  await late.off()
  await wire.sees('connection.start')
})

test('what a fault keeps back keeps a reset back, too: both go on when it is switched off', async () => {
  await using play = await stage()
  const { wire, server } = play
  const fault = await wire.switchOn(hold({ method: 'connection.start' }))
  using client = await rawClient(wire)
  client.socket.write(PROTOCOL_HEADER)
  await wire.sees('connection.start')
  server.peers[0]?.socket.resetAndDestroy()
  await wire.ends({ by: 'broker' })
  await knock(server.target)
  expect(client.socket.destroyed).toBe(false)
  await fault.off()
  await client.closed
})

test('silent: late, nobody is called for a student that has left', async () => {
  await using play = await stage()
  const { wire, server } = play
  const fault = await wire.switchOn(silent({ answer: 'late' }))
  using client = await rawClient(wire)
  client.socket.end(PROTOCOL_HEADER)
  await wire.ends({ by: 'student' })
  await fault.off()
  await client.closed
  expect(server.peers).toHaveLength(0)
})

test('a fault makes no connection that comes after it different', async () => {
  await using play = await stage()
  const at: MethodName[] = ['connection.start', 'connection.tune', 'connection.open-ok']
  for (const method of at) {
    const fault = await play.wire.switchOn(closeInHandshake({ at: method }))
    await expect(connect(`amqp://${play.wire.host}:${play.wire.port}`)).rejects.toThrow()
    await fault.off()
    await roundTrip(play.wire)
  }
  await play.wire.ends({ connection: 2 * at.length, by: 'student' })
  expect(play.wire.openConnections()).toBe(0)
})

test('in turn: the first connection meets the first fault, the second the second, the third none', async () => {
  await using play = await stage()
  const { wire } = play
  await wire.switchOn(
    inTurn([closeInHandshake({ at: 'accept', how: 'reset' }), closeInHandshake({ at: 'connection.tune' })]),
  )
  await expect(amqpClient(wire)).rejects.toMatchObject({ message: expect.stringMatching(/ECONNRESET|closed abruptly/) })
  await expect(amqpClient(wire)).rejects.toThrow('Socket closed abruptly')
  await using third = await amqpClient(wire)
  await third.createChannel()
  expect(play.recorder.events.filter(({ kind }) => kind === 'fault')).toMatchObject([{ name: 'in-turn', on: true }])
})

test('first comer: of two wires the one that is tried first breaks off, again and again, and the other does not', async () => {
  await using one = await stage()
  await using other = await stage()
  const [atOne, atOther] = firstComer(2) as [Fault, Fault]
  await one.wire.switchOn(atOne)
  await other.wire.switchOn(atOther)
  for (const _ of [1, 2]) {
    await expect(amqpClient(other.wire)).rejects.toThrow(/ECONNRESET|closed abruptly/)
    await using client = await amqpClient(one.wire)
    await client.createChannel()
  }
})

import { expect, test } from 'vitest'
import { Jitter } from '../../lab/jitter.ts'
import { Recorder } from '../../lab/recording/recorder.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { openWire } from '../../lab/wire/wire.ts'
import { amqpClient, rawClient } from './client.ts'
import { fakeServer, rawServer } from './fake-server.ts'

const SEEDS = [1, 2, 3]

test.each(SEEDS)('bytes come late and in parts, whole and in order, and a FIN behind them (seed %i)', async (seed) => {
  const received: Buffer[] = []
  await using server = await rawServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk)
      socket.write(chunk)
    })
    socket.on('end', () => socket.end())
  })
  await using wire = await openWire({ recorder: new Recorder(), target: server.target, jitter: new Jitter(seed) })
  using client = await rawClient(wire)
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
  for (let at = 0; at < sent.length; at += 30_000) client.socket.write(sent.subarray(at, at + 30_000))
  client.socket.end()
  expect(await client.closed).toEqual(['end'])
  expect(Buffer.concat(received).equals(sent)).toBe(true)
  expect(client.bytes().equals(sent)).toBe(true)
})

test.each(SEEDS)(
  'what was noted as passed has reached the broker, also when the connection is broken off (seed %i)',
  async (seed) => {
    await using server = await fakeServer()
    const recorder = new Recorder()
    await using wire = await openWire({ recorder, target: server.target, jitter: new Jitter(seed) })
    const client = await amqpClient(wire)
    const channel = await client.createConfirmChannel()
    await channel.assertQueue('tasks')
    for (let task = 1; task <= 20; task++) channel.sendToQueue('tasks', Buffer.from(`task ${task}`))
    const [peer] = server.peers
    const gone = new Promise((resolve) => peer?.socket.once('close', resolve))
    await wire.sees('basic.publish')
    await wire.switchOn(reset())
    await gone
    const isPublish = (event: RecordedEvent) => event.kind === 'frame' && event.method === 'basic.publish'
    expect(peer?.got.filter((name) => name === 'basic.publish')).toHaveLength(recorder.events.filter(isPublish).length)
  },
)

import { expect, test } from 'vitest'
import { attempts } from '../../lab/recording/attempts.ts'
import { connections, isOpenAt } from '../../lab/recording/connections.ts'
import { broker, recordingOf, student, tcp } from './events.ts'

const login = (connection: number) => [
  tcp(connection, 'accepted'),
  student('protocol-header', {}, { connection, channel: 0 }),
  broker('connection.start', {}, { connection, channel: 0 }),
  student('connection.start-ok', { clientProperties: { connection_name: 'svc' } }, { connection, channel: 0 }),
]
const opening = (connection: number) => [
  ...login(connection),
  broker('connection.tune', {}, { connection, channel: 0 }),
  student('connection.tune-ok', { heartbeat: 2 }, { connection, channel: 0 }),
  student('connection.open', { virtualHost: 'v' }, { connection, channel: 0 }),
]
const close = (connection: number, replyCode: number) =>
  broker('connection.close', { replyCode, replyText: 'text' }, { connection, channel: 0 })

test('a connection is known by its name, virtual host, heartbeat, and how it ended first', () => {
  const recording = recordingOf(
    ...opening(1),
    broker('connection.open-ok', {}, { channel: 0 }),
    close(1, 320),
    tcp(1, 'ended', 'student'),
  )
  const [connection] = connections(recording)
  expect(connection).toMatchObject({
    connection: 1,
    acceptedMs: 10,
    openMs: 80,
    reached: 'open',
    name: 'svc',
    virtualHost: 'v',
    heartbeat: 2,
    end: { ms: 90, how: 'closed', by: 'broker', replyCode: 320, replyText: 'text' },
  })
  expect([70, 80, 89, 90].map((ms) => connection && isOpenAt(connection, ms))).toEqual([false, true, true, false])
})

test('attempts say how far each got and why it failed', () => {
  const recording = recordingOf(
    tcp(1, 'accepted'),
    tcp(1, 'upstream-failed'),
    tcp(2, 'accepted'),
    student('protocol-header', {}, { connection: 2 }),
    tcp(2, 'reset', 'lab'),
    ...opening(3),
    tcp(3, 'ended', 'broker'),
    ...opening(4),
    broker('connection.open-ok', {}, { connection: 4 }),
    tcp(4, 'reset', 'lab'),
    tcp(5, 'accepted'),
  )
  const found = attempts(recording).map(({ reached, failure }) => [reached, failure?.how, failure?.by])
  expect(found).toEqual([
    ['tcp', 'unreachable', 'lab'],
    ['header', 'reset', 'lab'],
    ['start-ok', 'ended', 'broker'],
    ['open', undefined, undefined],
    ['tcp', undefined, undefined],
  ])
})

test('an open-ok that a fault kept back opens nothing', () => {
  const recording = recordingOf(...opening(1), broker('connection.open-ok', {}, { held: true }), tcp(1, 'ended', 'lab'))
  expect(attempts(recording)).toMatchObject([{ reached: 'start-ok', failure: { how: 'ended', by: 'lab' } }])
})

test('an open-ok that was kept back and let go shows by what the client does then', () => {
  const recording = recordingOf(
    ...opening(1),
    broker('connection.open-ok', {}, { held: true }),
    student('channel.open'),
    student('queue.declare'),
  )
  const [only] = connections(recording)
  expect(only?.reached).toBe('open')
  expect(only?.openMs).toBe(recording.events.at(-2)?.ms)
})

test('a close that answers start-ok or open is a refusal, unless its code is 320', () => {
  const recording = recordingOf(...login(1), close(1, 403), ...opening(2), close(2, 530), ...opening(3), close(3, 320))
  expect(attempts(recording).map(({ refused }) => refused)).toEqual([true, true, false])
})

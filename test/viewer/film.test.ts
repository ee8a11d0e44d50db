import { expect, test } from 'vitest'
import { filmOf, momentOf } from '../../lab/viewer/film.ts'
import { ack, consuming, content, delivery, opened, publish, recording, student } from './recordings.ts'

test('a method and its content are one moment, with fields, properties and body', () => {
  const film = filmOf(recording(opened(), publish('tasks', 'Größe\n東京')))
  expect(film.lanes.map(({ name }) => name)).toEqual(['your service', 'broker'])
  expect(film.moments).toHaveLength(8)
  const moment = film.moments.at(-1)
  expect(moment).toMatchObject({
    method: 'basic.publish',
    shape: { from: 'service', to: 'broker' },
    tasks: ['Größe\n東京'.replace('\n', '␊')],
  })
  expect(moment?.details).toEqual([
    { name: 'channel', text: '1' },
    { name: 'exchange', text: '' },
    { name: 'routingKey', text: 'tasks' },
    { name: 'property deliveryMode', text: '2' },
    { name: 'body size', text: '14 bytes' },
    { name: 'body', text: 'Größe\n東京' },
  ])
})

test('handshakes that succeed, heartbeats and the probes of the lab fold; a handshake that breaks does not', () => {
  const heartbeat = student('heartbeat', {}, { channel: 0 })
  const failed = opened(2).slice(0, 3)
  const film = filmOf(recording(opened(), heartbeat, failed))
  expect(film.moments.map(({ fold }) => fold)).toEqual([
    undefined,
    ...new Array(6).fill('handshake'),
    'heartbeat',
    ...new Array(3).fill(undefined),
  ])
})

test('what the wire held back, and what it can not know, is said beside the moment', () => {
  const held = { ...student('basic.ack', { deliveryTag: 1 }), held: true as const }
  const film = filmOf(recording(opened(), consuming(), delivery(1, 'a'), held))
  expect(film.moments.at(-2)?.notes).toEqual(["The wire didn't see how this got into 'tasks'."])
  expect(film.moments.at(-1)?.notes).toEqual(['held back by the lab'])
  expect(film.moments.at(-1)?.details.at(-1)?.name).toBe('held back')
})

test('the line of the student that sent a frame is with it', () => {
  const site = { kind: 'site', ms: 0, student: 1, port: 70, channel: 1, method: 'basic.ack', nth: 1 } as const
  const played = recording(
    { kind: 'tcp', ms: 0, connection: 1, what: 'accepted', port: 70 },
    { ...site, file: 'exercise.ts', line: 12, text: 'channel.ack(message)' },
    ack(1),
  )
  expect(filmOf(played).moments.at(-1)?.at).toEqual({ file: 'exercise.ts', line: 12, text: 'channel.ack(message)' })
})

test('nothing in it moves a cursor or turns a text around, and no password is in it', () => {
  const evil = '\u001b[2J\u202eevil'
  const film = filmOf(
    recording(
      opened(),
      content(student('basic.publish', { exchange: '', routingKey: evil }), evil, { messageId: evil }),
    ),
  )
  const json = JSON.stringify(film)
  expect(json).not.toMatch(/\\u001b|\u202e/)
  expect(json).toContain('␛[2J')
  expect(json).not.toContain('secret')
})

test('any event of the recording has a moment that shows it', () => {
  const film = filmOf(recording(opened(), delivery(1, 'a'), ack(1)))
  expect([0, 7, 8, 9, 10].map((place) => film.moments[momentOf(film, place)]?.method)).toEqual([
    'tcp.accepted',
    'basic.deliver',
    'basic.deliver',
    'basic.deliver',
    'basic.ack',
  ])
})

test('a scenario that was not played says why', () => {
  expect(filmOf({ ...recording(), notPlayed: 'it needs three nodes' })).toMatchObject({
    notPlayed: 'it needs three nodes',
    moments: [],
  })
})

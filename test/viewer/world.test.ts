import { expect, test } from 'vitest'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { thingsOf } from '../../lab/viewer/shared/things.ts'
import {
  began,
  broker,
  consuming,
  finish,
  held,
  one,
  opened,
  recording,
  student,
  thingsAfter,
  told,
} from './recordings.ts'

test('a connection opens, is up, and is down, and the first sign says how', () => {
  const tcp = (what: 'ended' | 'reset', by: 'student' | 'lab'): RecordedEvent => ({
    kind: 'tcp',
    ms: 0,
    connection: 1,
    what,
    by,
  })
  const played = recording(opened(), tcp('reset', 'lab'), tcp('ended', 'student'))
  const states = [1, 7, 9].map((events) => one(thingsAfter(played, events), 'connection'))
  expect(states).toMatchObject([
    { state: 'opening' },
    { state: 'open', name: 'tasks' },
    { state: 'ended', how: 'the lab reset it' },
  ])
})

test('a channel has the prefetch that was answered, and a consumer the one that was set before it', () => {
  const qos = (prefetchCount: number, global = false) => [
    student('basic.qos', { prefetchCount, global }),
    broker('basic.qos-ok'),
  ]
  const played = recording(opened(), qos(2), consuming(), qos(5), qos(9, true))
  const things = thingsAfter(played)
  expect(one(things, 'channel')).toMatchObject({ prefetch: 5, sharedPrefetch: 9 })
  expect(one(things, 'consumer')).toMatchObject({ queue: 'tasks', prefetch: 2, noAck: false })
  const unanswered = recording(opened(), student('basic.qos', { prefetchCount: 2, global: false }))
  expect(one(thingsAfter(unanswered), 'channel')).not.toHaveProperty('prefetch')
})

test('a consumer ends with its cancel, by whomever, and with its channel', () => {
  const played = recording(opened(), consuming())
  expect(one(thingsAfter(played), 'consumer')).toBeDefined()
  for (const end of [
    broker('basic.cancel', { consumerTag: 'c' }),
    broker('basic.cancel-ok', { consumerTag: 'c' }),
    broker('channel.close', {}),
    held('queue-deleted', { queue: 'tasks' }),
  ]) {
    expect(one(thingsAfter(recording(...played.events, end)), 'consumer')).toBeUndefined()
  }
})

test('a handler is at work until the lab lets it end, or its process does', () => {
  const started = { kind: 'process', ms: 0, student: 1, what: 'started' } as const
  const exited = { kind: 'process', ms: 0, student: 1, what: 'exited', code: null, signal: 'SIGKILL' } as const
  const played = recording(
    started,
    began(1, 'a'),
    began(2, 'b'),
    finish({ calls: [1], tasks: ['a'], how: 'resolve' }),
    exited,
  )
  const working = [3, 4, 5].map((events) => thingsOf(thingsAfter(played, events), 'handler').map(({ task }) => task))
  expect(working).toEqual([['a', 'b'], ['b'], []])
  expect(one(thingsAfter(played), 'process')).toMatchObject({ state: 'ended', how: 'signal SIGKILL' })
})

test('a handler that ends by itself is at work for the moment in which it begins', () => {
  const played = recording(began(1, 'a', 'resolve'), { kind: 'mark', ms: 0, name: 'later' })
  expect([1, 2].map((events) => thingsOf(thingsAfter(played, events), 'handler').length)).toEqual([1, 0])
})

test('processes that the exercise starts are told apart, with what they work on', () => {
  const worker = { nth: 2 }
  const played = recording(
    told('worker-started', { ...worker, pid: 77 }),
    told('worker-ready', worker),
    told('worker-began', { ...worker, task: 'a' }),
    told('worker-gone', { ...worker, pid: 77 }),
  )
  expect(one(thingsAfter(played, 3), 'process')).toMatchObject({ name: 'worker 2 (process 77)', state: 'running' })
  expect(one(thingsAfter(played, 3), 'handler')).toMatchObject({ worker: 'worker 2', task: 'a' })
  expect(one(thingsAfter(played), 'process')).toMatchObject({ state: 'ended' })
  expect(one(thingsAfter(played), 'handler')).toBeUndefined()
})

test('what the lab breaks is broken until it stops, and nodes have a state', () => {
  const fault = (on: boolean): RecordedEvent => ({ kind: 'fault', ms: 0, name: 'stall', on })
  const played = recording(fault(true), held('node-killed', { node: 'b' }), fault(false))
  expect(one(thingsAfter(played, 1), 'fault')).toMatchObject({ name: 'stall' })
  expect(one(thingsAfter(played), 'fault')).toBeUndefined()
  expect(one(thingsAfter(played), 'node')).toMatchObject({ name: 'b', state: 'killed' })
})

import { expect, test } from 'vitest'
import { calls, markOf, tcp as tcpOf } from '../../lab/recording/ask.ts'
import { waits } from '../../lab/recording/connections.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { during, since, until } from '../../lab/recording/span.ts'
import { recordingOf, tcp } from './events.ts'

const call =
  (name: string, id: number) =>
  (ms: number): RecordedEvent => ({ kind: 'called', ms, student: 1, name: 'open', id, args: { name } })
const mark =
  (name: string) =>
  (ms: number): RecordedEvent => ({ kind: 'mark', ms, name })

const recording = recordingOf(
  call('first', 1),
  tcp(1, 'accepted'),
  mark('middle'),
  tcp(1, 'reset', 'lab'),
  call('second', 2),
  tcp(2, 'accepted'),
)

test('a part of a recording can be asked whatever the whole can be asked', () => {
  const middle = markOf(recording, 'middle')
  const connections = (events: RecordedEvent[]) => tcpOf({ events }, 'accepted').map(({ connection }) => connection)
  expect(connections(since(recording, middle).events)).toEqual([2])
  expect(connections(until(recording, middle).events)).toEqual([1])
  expect(since(recording, markOf(recording, 'never')).events).toEqual([])
  expect(until(recording, markOf(recording, 'never')).events).toEqual([])
})

test('a call lasts up to the next call of its name, the last one to the end', () => {
  const named = (name: string) => during(recording, 'open', (args) => args.name === name)
  expect(named('first').events).toEqual(recording.events.slice(0, 4))
  expect(named('second').events).toEqual(recording.events.slice(4))
  expect(calls(named('third'), 'open')).toEqual([])
})

test('a wait goes from a failure that the lab made to the next attempt', () => {
  expect(waits(recording)).toMatchObject([{ ms: 20, failure: { by: 'lab' }, next: { connection: 2 } }])
})

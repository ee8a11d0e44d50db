import { expect, test } from 'vitest'
import { placeOf } from '../../lab/check/place.ts'
import type { FrameEvent, RecordedEvent, Recording, SiteEvent } from '../../lab/recording/recording.ts'

const broker = { kind: 'embedded', product: 'none', version: '0' }
const accepted = (connection: number, port: number): RecordedEvent => ({
  kind: 'tcp',
  ms: 1,
  connection,
  what: 'accepted',
  port,
})
const ack = (connection: number, channel = 1): FrameEvent => ({
  kind: 'frame',
  ms: 2,
  from: 'student',
  connection,
  channel,
  method: 'basic.ack',
  fields: {},
})
const site = (port: number, nth: number, line: number): SiteEvent => ({
  kind: 'site',
  ms: 3,
  student: 1,
  port,
  channel: 1,
  method: 'basic.ack',
  nth,
  file: 'exercise.ts',
  line,
  text: 'channel.ack(message)',
})
const recorded = (...events: RecordedEvent[]): Recording[] => [
  { format: 2, lesson: '04-ack-consumer', scenario: 'a play', broker, events },
]

test('a frame is matched with the call that is as far down the channel of the same socket', () => {
  const [first, second, other] = [ack(1), ack(1), ack(2)]
  const recordings = recorded(
    accepted(1, 4001),
    accepted(2, 4002),
    first,
    other,
    second,
    site(4001, 1, 10),
    site(4001, 2, 20),
    site(4002, 1, 30),
  )
  const line = (frame: FrameEvent) => placeOf(frame, recordings)?.line
  expect([line(first), line(second), line(other)]).toEqual([10, 20, 30])
})

test('where two calls could be the one, none is told', () => {
  const frame = ack(1)
  const recordings = recorded(accepted(1, 4001), frame, site(4001, 1, 10), site(4001, 1, 20))
  expect(placeOf(frame, recordings)).toBeUndefined()
})

test('a frame of another channel, or one that no line was told for, has no place', () => {
  const [elsewhere, late] = [ack(1, 2), ack(1)]
  const recordings = recorded(accepted(1, 4001), ack(1), elsewhere, late, site(4001, 1, 10))
  expect(placeOf(elsewhere, recordings)).toBeUndefined()
  expect(placeOf(late, recordings)).toBeUndefined()
})

test('the end of a process has the place that its stack names', () => {
  const at = { file: 'exercise.ts', line: 7, text: "throw new Error('no')" }
  const finding: RecordedEvent = { kind: 'finding', ms: 1, student: 1, id: 'crashed', sentence: 'It crashed.', at }
  expect(placeOf(finding, recorded(finding))).toEqual(at)
})

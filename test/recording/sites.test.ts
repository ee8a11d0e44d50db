import { expect, test } from 'vitest'
import type { FrameEvent, RecordedEvent } from '../../lab/recording/recording.ts'
import { siteOf } from '../../lab/recording/sites.ts'

const accepted = (connection: number, port: number): RecordedEvent => {
  return { kind: 'tcp', ms: 0, connection, what: 'accepted', port }
}
const ack = (connection: number): FrameEvent => {
  return { kind: 'frame', ms: 1, from: 'student', connection, channel: 1, method: 'basic.ack', fields: {} }
}
const site = (port: number, nth: number, line: number): RecordedEvent => {
  const text = 'channel.ack(message)'
  return {
    kind: 'site',
    ms: 1,
    student: 1,
    port,
    channel: 1,
    method: 'basic.ack',
    nth,
    file: 'exercise.ts',
    line,
    text,
  }
}

test('each frame has the line of the call that it is: the nth of its kind on its socket', () => {
  const [first, second, other] = [ack(1), ack(1), ack(2)]
  const events = [
    accepted(1, 70),
    accepted(2, 71),
    site(70, 1, 12),
    first,
    site(71, 1, 40),
    other,
    site(70, 2, 13),
    second,
  ]
  expect([first, second, other].map((frame) => siteOf(frame, { events })?.line)).toEqual([12, 13, 40])
})

test('a port that was used twice tells nothing', () => {
  const frame = ack(1)
  const events = [accepted(1, 70), site(70, 1, 12), site(70, 1, 30), frame]
  expect(siteOf(frame, { events })).toBeUndefined()
})

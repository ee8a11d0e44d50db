import { expect, test } from 'vitest'
import { findings } from '../../lab/recording/ask.ts'
import { Recorder } from '../../lab/recording/recorder.ts'

const heartbeat = {
  kind: 'frame',
  from: 'student',
  connection: 1,
  channel: 0,
  method: 'heartbeat',
  fields: {},
} as const

test.each([
  ['more events than it holds', new Recorder(50), { ...heartbeat, method: 'basic.ack' } as const],
  ['heartbeats without end', new Recorder(), heartbeat],
])('a recording ends with a finding: %s', async (_what, recorder, frame) => {
  for (let i = 0; i < 5000; i++) recorder.note(frame)
  await expect(recorder.full).rejects.toThrow()
  expect(recorder.events.length).toBeLessThan(2100)
  expect(findings(recorder).map(({ id }) => id)).toEqual(['recording-flood'])
})

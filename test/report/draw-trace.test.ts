import { expect, test } from 'vitest'
import { drawTrace } from '../../lab/report/draw-trace.ts'
import type { TraceRow } from '../../lab/report/report.ts'

const THEME = { width: 60, colour: false, unicode: true }
const ABORTS: TraceRow = {
  ms: 9.4,
  from: 'lab',
  connection: 0,
  channel: 0,
  method: 'fault.stall',
  fields: { on: true },
}
const SETTLES: TraceRow = {
  ms: 1404,
  from: 'student',
  connection: 0,
  channel: 0,
  method: 'told.settled',
  fields: { ok: false, error: { message: 'The operation was aborted [cause: the lab aborted]' } },
  wrong: true,
  note: 'expected: the call rejects with signal.reason itself, and with no other error',
}

test('what happened in the process alone is a list, without a network', () => {
  expect(drawTrace([ABORTS, SETTLES], THEME).join('\n')).toMatchInlineSnapshot(`
    "your service
       9 ms    the lab switches the fault 'stall' on
    1404 ms ✘  the call rejects (error The operation was aborted
               [cause: the lab aborted])
               expected: the call rejects with signal.reason
               itself, and with no other error"
  `)
})

test('with a frame it is a picture of the two', () => {
  const ack: TraceRow = { ms: 2, from: 'student', connection: 1, channel: 1, method: 'basic.ack', fields: {} }
  expect(drawTrace([ack, SETTLES], THEME).join('\n')).toContain('│ broker │')
})

test('so it is with what the broker did', () => {
  const held: TraceRow = { ms: 2, from: 'broker', connection: 0, channel: 0, method: 'held.restarted', fields: {} }
  expect(drawTrace([held, SETTLES], THEME).join('\n')).toContain('│ broker │')
})

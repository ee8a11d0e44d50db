import { expect, test } from 'vitest'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { workersOf } from '../../lab/recording/workers.ts'
import { sequenceOf } from '../../lab/report/sequence.ts'
import { traceRows } from '../../lab/report/trace.ts'
import { drawSequence } from '../../lab/text/draw-sequence.ts'
import { widthOf } from '../../lab/text/wrap.ts'

const tcp = (ms: number, connection: number, port: number): RecordedEvent => ({
  kind: 'tcp',
  ms,
  connection,
  what: 'accepted',
  port,
})
const socket = (ms: number, student: number, port: number): RecordedEvent => ({ kind: 'socket', ms, student, port })
const deliver = (ms: number, connection: number, deliveryTag: number): RecordedEvent => ({
  kind: 'frame',
  ms,
  from: 'broker',
  connection,
  channel: 1,
  method: 'basic.deliver',
  fields: { deliveryTag },
})
const began = (ms: number, student: number): RecordedEvent => ({
  kind: 'told',
  ms,
  student,
  name: 'began',
  data: { call: 1, task: `photo ${student}`, time: 1, action: 'hold', type: 'string' },
})

// The wire took the second process's socket first.
const TWO = [
  tcp(1, 1, 4002),
  tcp(2, 2, 4001),
  socket(3, 1, 4001),
  socket(4, 2, 4002),
  deliver(5, 2, 1),
  began(6, 1),
  deliver(7, 1, 1),
  began(8, 2),
]

test('a connection belongs to the process that has its port', () => {
  const workerOf = workersOf({ events: TWO })
  expect(TWO.map(workerOf)).toEqual([2, 1, 1, 2, 1, 1, 2, 2])
  const again = [...TWO, socket(9, 1, 4002)]
  expect(again.slice(4).map(workersOf({ events: again }))).toEqual([1, 1, undefined, 2, 1])
})

test('two workers stand on both sides of the broker, within 80 columns', async () => {
  const rows = traceRows(TWO.slice(4), undefined, workersOf({ events: TWO }))
  const lines = drawSequence(sequenceOf(rows), { width: 80, colour: false, unicode: true })
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80)
  await expect(`${lines.map((line) => line.trimEnd()).join('\n')}\n`).toMatchFileSnapshot('golden/two-workers.txt')
})

test('one that the lab plays is drawn where it gets a task', async () => {
  const received: RecordedEvent = {
    kind: 'broker',
    ms: 9,
    what: 'received',
    data: { queue: 'tasks', task: 'photo 1', redelivered: false },
  }
  const rows = traceRows([deliver(5, 2, 1), began(6, 1), received])
  const lines = drawSequence(sequenceOf(rows), { width: 80, colour: false, unicode: true })
  await expect(`${lines.map((line) => line.trimEnd()).join('\n')}\n`).toMatchFileSnapshot('golden/another-worker.txt')
})

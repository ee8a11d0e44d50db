import { expect, test } from 'vitest'
import { compareTraces, type TracePair, telling } from '../../lab/compare/trace.ts'
import { eventText, shownScenarios, traceText } from '../../lab/compare/trace-text.ts'
import { widthOf } from '../../lab/text/wrap.ts'
import { delivery, frame, recording, told } from './recordings.ts'

const NAME = 'two tasks'
const ack = (deliveryTag: number) => frame('student', 'basic.ack', { deliveryTag, multiple: false })
const begins = (task: string) => told('began', { call: 1, task, time: 1, action: 'hold', type: 'string' })

const EARLY = recording(NAME, [
  frame('student', 'basic.consume', { queue: 'tasks', noAck: false }),
  frame('broker', 'basic.consume-ok', { consumerTag: 'amq.ctag-early' }),
  ...delivery(1, 'resize photo 1', 'amq.ctag-early'),
  ack(1),
  begins('resize photo 1'),
  { kind: 'frame', from: 'broker', connection: 1, channel: 0, method: 'heartbeat', fields: {} },
  ...delivery(2, 'resize photo 2', 'amq.ctag-early'),
  ack(2),
  begins('resize photo 2'),
])
const RIGHT = recording(
  NAME,
  [
    frame('student', 'basic.consume', { queue: 'tasks', noAck: false }),
    frame('broker', 'basic.consume-ok', { consumerTag: 'amq.ctag-right' }),
    ...delivery(1, 'resize photo 1', 'amq.ctag-right'),
    begins('resize photo 1'),
    ack(1),
    ...delivery(2, 'resize photo 2', 'amq.ctag-right'),
    begins('resize photo 2'),
    frame('student', 'basic.nack', { deliveryTag: 2, requeue: true }),
  ],
  7,
)

const marks = ({ same, left, right }: TracePair) =>
  same ? ' ' : left && right ? '~' : left ? `- ${left.method}` : `+ ${right?.method}`

test('what is alike stands in one row, times and made-up names aside', () => {
  const { rows } = compareTraces(NAME, EARLY, RIGHT)
  expect(rows.map(marks)).toEqual([
    ' ',
    ' ',
    ' ',
    '- basic.ack',
    ' ',
    '+ basic.ack',
    ' ',
    '- basic.ack',
    ' ',
    '+ basic.nack',
  ])
})

test('one method with other fields stands in one row that differs', () => {
  const consume = (noAck: boolean) => recording(NAME, [frame('student', 'basic.consume', { queue: 'tasks', noAck })])
  const { rows } = compareTraces(NAME, consume(true), consume(false))
  expect(rows.map(marks)).toEqual(['~'])
})

test.each([
  ['queue', frame('student', 'queue.declare', { queue: 'a' }), frame('student', 'queue.declare', { queue: 'b' })],
  ['durable', frame('student', 'queue.declare', { durable: true }), frame('student', 'queue.declare', {})],
  ['requeue', frame('student', 'basic.nack', { requeue: true }), frame('student', 'basic.nack', { requeue: false })],
  ['deliveryTag', ack(1), ack(2)],
  ['direction', frame('student', 'channel.close'), frame('broker', 'channel.close')],
])('another %s makes a difference', (_, one, other) => {
  const { rows } = compareTraces(NAME, recording(NAME, [one]), recording(NAME, [other]))
  expect(rows.some(({ same }) => same)).toBe(false)
})

test('heartbeats, marks and what the process printed are left out, and content is said with its method', () => {
  const rows = telling([
    ...EARLY.events,
    { kind: 'mark', ms: 50, name: 'over' },
    { kind: 'process', ms: 51, student: 1, what: 'stdout', text: 'hello' },
  ])
  expect(rows.map(({ method }) => method)).toEqual([
    'basic.consume',
    'basic.consume-ok',
    'basic.deliver',
    'basic.ack',
    'told.began',
    'basic.deliver',
    'basic.ack',
    'told.began',
  ])
  expect(rows[2]?.fields).toMatchObject({ deliveryTag: 1, body: 'resize photo 1' })
})

test('a password is not shown', () => {
  const [row] = telling(recording(NAME, [frame('student', 'connection.start-ok', { response: '\0me\0secret' })]).events)
  expect(row && eventText(row)).not.toContain('secret')
})

test.each([
  ['140', { width: 140, colour: false, unicode: true }],
  ['80-ascii', { width: 80, colour: false, unicode: false }],
])('the traces as they are shown, %s', async (name, theme) => {
  const lines = traceText([compareTraces(NAME, EARLY, RIGHT), compareTraces('alike', RIGHT, RIGHT)], theme)
  for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(theme.width)
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/trace-${name}.txt`)
})

test('at most sixty rows are shown, and the rest is counted', () => {
  const many = recording(
    NAME,
    Array.from({ length: 200 }, (_, index) => ack(index + 1)),
  )
  const few = compareTraces('few', recording('few', [ack(1)]), recording('few', []))
  const shown = shownScenarios([few, compareTraces(NAME, many, recording(NAME, []))])
  expect(shown.map(({ rows, leftOut }) => [rows.length, leftOut])).toEqual([
    [1, 0],
    [59, 141],
  ])
})

test('a scenario that left no recording has an empty side', () => {
  const { rows } = compareTraces(NAME, undefined, RIGHT)
  expect(rows.every(({ left, right }) => left === undefined && right !== undefined)).toBe(true)
})

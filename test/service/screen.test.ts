import { expect, test } from 'vitest'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { aroundInput } from '../../lab/service/bottom.ts'
import { Frames } from '../../lab/service/frames.ts'
import { PROMPT } from '../../lab/service/input.ts'
import { type Shown, shownLines } from '../../lab/service/lay-out.ts'
import type { Theme } from '../../lab/text/theme.ts'
import { widthOf } from '../../lab/text/wrap.ts'
import { content, deliver, frame, tcp } from './frames.ts'

function passed(...events: RecordedEvent[]): Shown[] {
  const frames = new Frames()
  return events.flatMap((event) => frames.take(event)).map((each) => ({ of: 'wire', ...each }))
}

const BEGINS = passed(
  tcp('accepted'),
  frame('student', 'protocol-header', { version: '0-9-1' }, 0),
  frame('broker', 'connection.start', { versionMajor: 0, serverProperties: { product: 'RabbitMQ' } }, 0),
  frame('student', 'connection.start-ok', { mechanism: 'PLAIN', response: '\0user\0secret', locale: 'en_US' }, 0),
  frame('broker', 'heartbeat', {}, 0),
  frame('student', 'queue.declare', { queue: 'task_queue', durable: true, arguments: {} }),
  frame('student', 'basic.consume', { queue: 'task_queue', consumerTag: '', noAck: false }),
  frame('broker', 'basic.consume-ok', { consumerTag: 'amq.ctag-Abcdefghijk' }),
)
const WORKS = passed(
  deliver(1, { redelivered: true }),
  ...content('resize a photo that was sent before..'),
  deliver(2),
  ...content(''),
  frame('student', 'basic.ack', { deliveryTag: 1 }),
  tcp('reset', 'student'),
  tcp('ended', 'broker'),
)

const SHOWN: Shown[] = [
  { of: 'lab', text: 'Type a task and press Enter: it goes to task_queue. Each dot is a second of work.' },
  { of: 'service', text: 'Attempting to connect to RabbitMQ...' },
  ...BEGINS,
  { of: 'service', text: ' [*] Waiting for messages. To exit press CTRL+C' },
  ...WORKS.slice(0, 1),
  { of: 'service', text: ' [x] Received resize a photo that was sent before, and a good while before that..' },
  ...WORKS.slice(1),
  { of: 'lab', text: 'Your service was killed with 1 unacknowledged task. The broker puts it back.' },
]
const BOTTOM = {
  held: { waiting: 3, unacked: 0, exists: true },
  broker: { kind: 'container', product: 'RabbitMQ', version: '4.3.6' },
  service: { state: 'down', restarting: false },
  workers: [],
  several: undefined,
  nodes: [],
} as const

function screen(theme: Theme): string {
  const lines = SHOWN.flatMap((shown) => shownLines(shown, theme))
  for (const awaitsKey of [false, true]) {
    const { above, below } = aroundInput(BOTTOM, awaitsKey, theme)
    lines.push('', ...above, PROMPT, below)
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

test.each<[string, Theme]>([
  ['120 columns', { width: 120, colour: false, unicode: true }],
  ['60 columns', { width: 60, colour: false, unicode: true }],
  ['60 columns of ASCII', { width: 60, colour: false, unicode: false }],
])('a run looks like this in %s', async (name, theme) => {
  const text = screen(theme)
  await expect(text).toMatchFileSnapshot(`golden/run-${name.replaceAll(' ', '-')}.txt`)
  for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(theme.width)
  if (!theme.unicode) expect(text).toMatch(/^[\x20-\x7e\n]*$/)
})

test('the nodes of a cluster stand in a line', () => {
  const nodes = [
    { name: 'n1', state: 'up', hasService: false },
    { name: 'n2', state: 'stopped', hasService: false },
    { name: 'n3', state: 'up', hasService: true },
  ] as const
  const { above } = aroundInput({ ...BOTTOM, several: 'nodes', nodes }, false, {
    width: 60,
    colour: false,
    unicode: true,
  })
  expect(above[0]).toBe(' n1 up   n2 stopped   n3 up, with your service')
})

test('a password is not shown, and a heartbeat is not news', () => {
  const text = BEGINS.map((shown) => shown.text).join('\n')
  expect(text).not.toContain('secret')
  expect(text).not.toContain('heartbeat')
})

test('colour is used only where it shows', () => {
  const coloured = shownLines({ of: 'lab', text: 'said' }, { width: 80, colour: true, unicode: true }).join('')
  expect(coloured).toContain('\u001b[36m')
})

import { expect, test } from 'vitest'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import type { Told } from '../../lab/recording/words/told.ts'
import { clusterLines } from '../../lab/service/cluster-view.ts'
import { Workers } from '../../lab/service/workers.ts'
import type { Theme } from '../../lab/text/theme.ts'
import { content, deliver, frame, tcp } from './frames.ts'

const THEME: Theme = { width: 60, colour: false, unicode: true }

const on = (connection: number, ...events: RecordedEvent[]) =>
  events.map((event) => ({ ...event, connection }) as RecordedEvent)

const begins = (connection: number, name?: string) =>
  on(
    connection,
    tcp('accepted'),
    frame(
      'student',
      'connection.start-ok',
      { clientProperties: name === undefined ? {} : { connection_name: name } },
      0,
    ),
    frame('student', 'basic.consume', { queue: 'task_queue', consumerTag: '', noAck: false }),
    frame('broker', 'basic.consume-ok', { consumerTag: 'c' }),
  )
const ack = (deliveryTag: number) => frame('student', 'basic.ack', { deliveryTag })

function seen(...events: RecordedEvent[]): Workers {
  const workers = new Workers()
  for (const event of events) workers.take(event)
  return workers
}

test('each connection with a consumer is a worker, with what it has done and not acknowledged', () => {
  const { all } = seen(
    ...begins(1, 'resizer'),
    ...begins(2),
    ...on(1, deliver(1), ...content('first'), ack(1), deliver(2), ...content('resize a photo..')),
    ...on(3, tcp('accepted')),
  )
  expect(all).toEqual([
    { connection: 1, name: 'resizer', unacked: 1, done: 1, task: 'resize a photo..' },
    { connection: 2, unacked: 0, done: 0 },
  ])
  expect(clusterLines(all, THEME)).toEqual([
    ' resizer        1 done   1 unacked   resize a photo..',
    ' connection 2   0 done   idle',
  ])
})

test('a process of a cluster is a worker from its start to its end, whatever becomes of its connections', () => {
  const told = (name: keyof Told, nth: number) =>
    ({ ms: 0, kind: 'told', student: 1, name, data: { nth } }) as RecordedEvent
  const workers = seen(
    ...[1, 2, 3].map((nth) => told('worker-started', nth)),
    ...begins(1, 'worker 1'),
    told('worker-ready', 1),
    ...begins(2, 'worker 2'),
    told('worker-ready', 2),
    ...on(1, deliver(1), ...content('first'), ack(1), tcp('reset', 'broker')),
    told('worker-lost', 1),
    ...on(2, deliver(1), ...content('a photo..')),
    told('worker-asked', 2),
    told('worker-gone', 3),
  )
  expect(clusterLines(workers.all, THEME)).toEqual([
    ' worker 1   starting   1 done   idle',
    ' worker 2   stopping   0 done   1 unacked   a photo..',
  ])
  for (const event of begins(3, 'worker 1')) workers.take(event)
  workers.take(told('worker-ready', 1))
  expect(workers.all[0]).toEqual({ connection: 3, name: 'worker 1', nth: 1, state: 'ready', unacked: 0, done: 1 })
})

test('one whose connection ends is none any more; the next has a number of its own', () => {
  const { all } = seen(...begins(1), ...on(1, deliver(1), tcp('reset', 'student')), ...begins(2))
  expect(all).toEqual([{ connection: 2, unacked: 0, done: 0 }])
})

test('an acknowledgement of several tasks counts them all', () => {
  const { all } = seen(
    ...begins(1),
    ...on(1, deliver(1), deliver(2), deliver(3), frame('student', 'basic.ack', { deliveryTag: 2, multiple: true })),
  )
  expect(all).toMatchObject([{ unacked: 1, done: 2 }])
})

test('many workers, long names and long tasks stay in their room', () => {
  const workers = Array.from({ length: 12 }, (_, index) => ({
    connection: index + 1,
    name: index === 0 ? `a worker with a very long name \u001b[2J` : `worker ${index}`,
    unacked: 1,
    done: 10 ** index,
    task: 'a task that is longer than the line it has to stand in, by far',
  }))
  const lines = clusterLines(workers, { ...THEME, unicode: false })
  expect(lines).toHaveLength(8)
  expect(lines.at(-1)).toBe(' ... and 5 more')
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{1,59}$/)
})

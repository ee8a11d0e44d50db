import { expect, test } from 'vitest'
import {
  ack,
  broker,
  consuming,
  content,
  delivery,
  doubtsOf,
  held,
  one,
  opened,
  publish,
  recording,
  student,
  tasksAfter,
  thingsAfter,
} from './recordings.ts'

const put = (...tasks: string[]) => held('published', { queue: 'tasks', tasks })

test('a task is ready, then unacknowledged at a channel, and gone with its ack', () => {
  const played = recording(put('a', 'b'), opened(), consuming(), delivery(1, 'a'), ack(1))
  expect(tasksAfter(played, 1)).toEqual(['tasks: a, ready', 'tasks: b, ready'])
  expect(tasksAfter(played, 13)).toEqual(['tasks: a, unacked 1/1/1', 'tasks: b, ready'])
  expect(tasksAfter(played)).toEqual(['tasks: b, ready'])
  expect(doubtsOf(played)).toEqual([])
})

test('an ack with multiple takes all up to its tag', () => {
  const played = recording(
    put('a', 'b', 'c'),
    opened(),
    consuming(),
    delivery(1, 'a'),
    delivery(2, 'b'),
    delivery(3, 'c'),
  )
  const acked = recording(...played.events, ack(2, true))
  expect(tasksAfter(acked)).toEqual(['tasks: c, unacked 1/1/3'])
})

test.each([
  ['the connection is reset', { kind: 'tcp', ms: 0, connection: 1, what: 'reset', by: 'lab' } as const],
  ['the service closes the connection', student('connection.close', { replyCode: 200 }, { channel: 0 })],
  ['the broker closes the channel', broker('channel.close', { replyCode: 406, replyText: 'unknown delivery tag' })],
  ['the service asks for it back', student('basic.recover', { requeue: true })],
  ['it is nacked', student('basic.nack', { deliveryTag: 1, requeue: true, multiple: false })],
])('an unacknowledged task is ready again when %s', (_, end) => {
  const played = recording(put('a'), opened(), consuming(), delivery(1, 'a'), end)
  expect(tasksAfter(played)).toEqual(['tasks: a, ready, again'])
})

test('without acks the broker lets go of a task when it sends it, and the moment says so', () => {
  const played = recording(put('a'), opened(), consuming('tasks', true), delivery(1, 'a'))
  expect(tasksAfter(played)).toEqual([])
  expect(doubtsOf(played)).toEqual([expect.stringContaining('uses noAck')])
})

test('an ack that the lab holds back has not come to the broker', () => {
  const acked = { ...ack(1), held: true as const }
  const things = thingsAfter(recording(put('a'), opened(), consuming(), delivery(1, 'a'), acked))
  expect(one(things, 'task')).toMatchObject({
    state: 'unacked',
    doubt: expect.stringContaining('is holding back its ack'),
  })
})

test('what a service publishes is in the queue that it names, unsure where nobody has seen that queue', () => {
  const declared = [
    student('queue.declare', { queue: 'tasks', durable: true, passive: false }),
    broker('queue.declare-ok', { queue: 'tasks', messageCount: 0, consumerCount: 0 }),
  ]
  const played = recording(opened(), declared, publish('tasks', 'a'), publish('nowhere', 'b'))
  const things = thingsAfter(played)
  expect(tasksAfter(played)).toEqual(['tasks: a, ready', 'nowhere: b, ready'])
  expect([...things.values()].flatMap((thing) => thing.doubt ?? [])).toEqual([
    "the wire can't tell whether the queue 'nowhere' exists",
  ])
  const returned = recording(...played.events, content(broker('basic.return', { routingKey: 'nowhere' }), 'b'))
  expect(tasksAfter(returned)).toEqual(['tasks: a, ready'])
})

test('what the lab held back on its way to the broker is in no queue', () => {
  const played = recording(opened(), publish('tasks', 'a', '', { held: true }))
  expect(tasksAfter(played)).toEqual([])
  expect(doubtsOf(played)).toEqual(["The broker hasn't received this message."])
})

test('an exchange sends where its bindings say, as far as the wire saw them made', () => {
  const bound = (queue: string, routingKey: string) => student('queue.bind', { queue, exchange: 'events', routingKey })
  const made = [
    student('exchange.declare', { exchange: 'events', type: 'topic', passive: false }),
    bound('mails', 'order.*'),
    bound('all', '#'),
    bound('other', 'user.#'),
  ]
  const played = recording(opened(), made, publish('order.created', 'a', 'events'), publish('x', 'b', 'unheard'))
  expect(tasksAfter(played)).toEqual(['mails: a, ready', 'all: a, ready'])
  expect(doubtsOf(played)).toEqual(["The wire can't tell where the exchange 'unheard' sends this."])
})

test('a task that is rejected goes where its queue was declared to send it, which the wire does not see', () => {
  const declared = [
    student('queue.declare', {
      queue: 'tasks',
      passive: false,
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'tasks.dead' },
    }),
    broker('queue.declare-ok', { queue: 'tasks', messageCount: 0, consumerCount: 0 }),
  ]
  const rejected = student('basic.reject', { deliveryTag: 1, requeue: false })
  const known = recording(opened(), declared, publish('tasks', 'a'), consuming(), delivery(1, 'a'), rejected)
  expect(tasksAfter(known)).toEqual(['tasks.dead: a, ready'])
  expect(one(thingsAfter(known), 'task')?.doubt).toContain("the wire doesn't see it")
  const unknown = recording(put('a'), opened(), consuming(), delivery(1, 'a'), rejected)
  expect(tasksAfter(unknown)).toEqual([])
  expect(doubtsOf(unknown)).toEqual([expect.stringContaining("hasn't seen how 'tasks' was declared")])
})

test('what comes out of a queue that expires is the task that went in, not another one', () => {
  const declare = (queue: string, given: Record<string, unknown>) => [
    student('queue.declare', { queue, passive: false, arguments: given }),
    broker('queue.declare-ok', { queue, messageCount: 0, consumerCount: 0 }),
  ]
  const wait = { 'x-message-ttl': 200, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'tasks' }
  const played = recording(opened(), declare('tasks', {}), declare('wait', wait), publish('wait', 'a'))
  expect(one(thingsAfter(played), 'task')?.doubt).toBe("it expires after 200 ms, which the wire doesn't see")
  const back = recording(...played.events, consuming(), delivery(1, 'a'))
  expect(tasksAfter(back)).toEqual(['tasks: a, unacked 1/1/1'])
  expect(one(thingsAfter(back), 'task')?.doubt).toBeUndefined()
})

test('a task that was delivered before the lab had noted that it put it there is one task', () => {
  const played = recording(opened(), consuming(), delivery(1, 'a'), put('a', 'b'))
  expect(tasksAfter(played)).toEqual(['tasks: a, unacked 1/1/1', 'tasks: b, ready'])
  expect(doubtsOf(played)).toEqual([])
})

test('a task that nobody was seen to put there says so', () => {
  const played = recording(opened(), consuming(), delivery(1, 'a'))
  expect(doubtsOf(played)).toEqual(["The wire didn't see how this got into 'tasks'."])
})

test('the broker counts: where the wire comes to another figure, both are told', () => {
  const counted = held('queue', { queue: 'tasks', exists: true, messages: 3, consumers: 0 })
  const played = recording(put('a'), counted)
  expect(one(thingsAfter(played), 'queue')).toMatchObject({ counted: { messages: 3, ms: 10 } })
  expect(doubtsOf(played)).toEqual([expect.stringMatching(/counts 3 ready in 'tasks', but the wire counts 1/)])
})

test('the lab takes tasks out, one by one or all, and a queue can go with all that is in it', () => {
  const taken = held('received', { queue: 'tasks', task: 'a', redelivered: false })
  expect(tasksAfter(recording(put('a', 'b'), taken))).toEqual(['tasks: b, ready'])
  const drained = held('drained', { queue: 'tasks', tasks: [{ task: 'a', redelivered: false }] })
  expect(tasksAfter(recording(put('a'), drained))).toEqual([])
  const gone = recording(put('a'), held('queue-deleted', { queue: 'tasks' }))
  expect(tasksAfter(gone)).toEqual([])
  expect(one(thingsAfter(gone), 'queue')).toBeUndefined()
})

import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { queueAddress } from '../../lab/grade/queue/address.ts'
import { AskedFile } from '../../lab/grade/queue/asked-file.ts'
import { readTask, taskBody, taskKey } from '../../lab/grade/queue/messages.ts'
import { Quiet } from '../../lab/grade/queue/quiet.ts'
import { until } from '../broker/until.ts'
import { judgement, LESSON, QueueBench, task } from './queue.ts'

const TASKS = Array.from({ length: 12 }, (_, nth) => task(`submission ${nth}`))
const KEYS = TASKS.map(({ key }) => key).toSorted()

function keysOf(bench: QueueBench): string[] {
  return bench.results.map(({ key }) => key).toSorted()
}

test('graders share a class: each task is judged once, and nothing is left at the broker', async () => {
  await using bench = await QueueBench.start()
  const judged: string[] = []
  const judge = async ({ key }: { key: string }) => {
    judged.push(key)
    return judgement()
  }
  for (let nth = 0; nth < 3; nth++) bench.grader(judge)
  await bench.ask(TASKS)
  expect(keysOf(bench)).toEqual(KEYS)
  expect(judged.toSorted()).toEqual(KEYS)
  const { tasks, alone, dead } = bench.names
  await until(
    'acknowledgements',
    () => [tasks, alone, dead].map((queue) => bench.depth(queue)),
    (all) => all.every((n) => n === 0),
  )
})

test('no grader has more in hand than it has room for', async () => {
  await using bench = await QueueBench.start()
  let inHand = 0
  let most = 0
  const judge = async () => {
    most = Math.max(most, ++inHand)
    await new Promise((resolve) => setImmediate(resolve))
    inHand--
    return judgement()
  }
  bench.grader(judge, { room: 3 })
  await bench.ask(TASKS)
  expect(most).toBe(3)
})

test('a grader that is killed loses nothing: its tasks are judged elsewhere, one at a time', async () => {
  await using bench = await QueueBench.start()
  const asked = bench.ask(TASKS)
  const { tasks, alone } = bench.names
  await until(
    'tasks',
    () => bench.depth(tasks),
    (depth) => depth === TASKS.length,
  )
  const killed = await bench.connection()
  killed.on('error', () => {})
  const channel = await killed.createChannel()
  await channel.prefetch(4)
  const taken = new Set<string>()
  await channel.consume(tasks, (message) => void taken.add(String(message?.properties.correlationId)))
  await until(
    'its prefetch',
    () => taken.size,
    (size) => size === 4,
  )
  bench.cut()
  let inHand = 0
  const together: number[] = []
  bench.grader(async ({ key }) => {
    inHand++
    await new Promise((resolve) => setImmediate(resolve))
    if (taken.has(key)) together.push(inHand)
    inHand--
    return judgement()
  })
  await asked
  expect(keysOf(bench)).toEqual(KEYS)
  expect(together).toEqual([1, 1, 1, 1])
  await until(
    'the last acknowledgement',
    () => bench.depth(alone),
    (depth) => depth === 0,
  )
})

test('what two graders die with is a dead letter, and an error of the class', async () => {
  await using bench = await QueueBench.start()
  const { tasks, alone, dead } = bench.names
  const poison = task('poison')
  const asked = bench.ask([poison, ...TASKS])
  await until(
    'tasks',
    () => bench.depth(tasks),
    (depth) => depth === TASKS.length + 1,
  )
  // A grader that dies: it takes, and its connection is gone.
  async function dieWith(queue: string): Promise<void> {
    const dying = await bench.connection()
    dying.on('error', () => {})
    const channel = await dying.createChannel()
    await channel.prefetch(1)
    const { promise, resolve } = Promise.withResolvers<void>()
    await channel.consume(queue, () => resolve())
    await promise
    const gone = new Promise((done) => dying.once('close', done))
    await dying.close()
    await gone
  }
  await dieWith(tasks)
  const first = bench.grader(async ({ key }) => {
    if (key !== poison.key) return judgement()
    throw new Error('this grader ends here')
  })
  await expect(first.ended).rejects.toThrow('this grader ends here')
  // It put the poison back where it was: alone, with the one loss that it had.
  expect(bench.depth(alone)).toBe(1)
  await dieWith(alone)
  const played: string[] = []
  bench.grader(async ({ key }) => {
    played.push(key)
    return judgement()
  })
  await asked
  expect(bench.depth(dead)).toBe(1)
  expect(played).not.toContain(poison.key)
  const results = bench.results.filter(({ key }) => key === poison.key)
  expect(results).toMatchObject([{ outcome: 'dead', reason: '2 graders stopped while they were judging it.' }])
  expect(keysOf(bench)).toEqual([...KEYS, poison.key].toSorted())
})

test('the broker restarts while everybody works', async () => {
  await using bench = await QueueBench.start()
  let calls = 0
  let restarts = 0
  const judge = async () => {
    if (++calls % 4 === 1 && restarts < 3) {
      restarts++
      await bench.broker.restart()
    }
    return judgement()
  }
  bench.grader(judge)
  bench.grader(judge)
  await bench.ask(TASKS)
  expect(restarts).toBe(3)
  expect(keysOf(bench)).toEqual(KEYS)
  expect(bench.results.map(({ outcome }) => outcome)).not.toContain('dead')
})

test('a result that comes twice counts once', async () => {
  await using bench = await QueueBench.start()
  const asked = bench.ask(TASKS)
  const { tasks } = bench.names
  await until(
    'tasks',
    () => bench.depth(tasks),
    (depth) => depth === TASKS.length,
  )
  const twice = await bench.connection()
  const channel = await twice.createConfirmChannel()
  // It asks for everything again, under the same keys.
  const results = bench.broker.queues('grading').find(({ name }) => name.includes('results'))?.name
  for (const each of TASKS) channel.sendToQueue(tasks, taskBody(each), { replyTo: String(results) })
  await channel.waitForConfirms()
  await twice.close()
  bench.grader(async () => judgement())
  await asked
  expect(keysOf(bench)).toEqual(KEYS)
})

test('a class that is interrupted goes on: what is at the broker is not asked for again, and results wait', async () => {
  await using bench = await QueueBench.start()
  const { tasks } = bench.names
  const interrupted = new AbortController()
  const first = bench.ask(TASKS, interrupted.signal)
  await until(
    'tasks',
    () => bench.depth(tasks),
    (depth) => depth === TASKS.length,
  )
  interrupted.abort()
  await first
  const judged: string[] = []
  let stop = async () => {}
  const grader = bench.grader(async ({ key }) => {
    judged.push(key)
    if (judged.length === 5) void stop()
    return judgement()
  })
  stop = grader.stop
  // Nobody waits for the results: they are kept.
  await grader.ended
  expect(bench.results).toEqual([])
  bench.grader(async ({ key }) => {
    judged.push(key)
    return judgement()
  })
  await bench.ask(TASKS)
  expect(keysOf(bench)).toEqual(KEYS)
  expect(judged.toSorted()).toEqual(KEYS)
})

test('a class that is killed after a result still asks for that task, should it need another', async () => {
  await using bench = await QueueBench.start()
  const interrupted = new AbortController()
  const first = bench.ask(TASKS, interrupted.signal)
  const rest = Promise.withResolvers<void>()
  let begun = 0
  bench.grader(
    async () => {
      if (begun++ > 0) await rest.promise
      return judgement()
    },
    { room: 1 },
  )
  await until(
    'the first result',
    () => bench.results.length,
    (count) => count > 0,
  )
  // What a run that is killed now would leave.
  const left = new AskedFile(bench.folder.path).asked
  expect(KEYS.filter((key) => !left.has(key))).toEqual(bench.results.map(({ key }) => key))
  interrupted.abort()
  rest.resolve()
  await first
})

test('tasks that the broker has lost are asked for again', async () => {
  await using bench = await QueueBench.start()
  const { tasks } = bench.names
  const interrupted = new AbortController()
  const first = bench.ask(TASKS, interrupted.signal)
  await until(
    'tasks',
    () => bench.depth(tasks),
    (depth) => depth === TASKS.length,
  )
  interrupted.abort()
  await first
  const connection = await bench.connection()
  const channel = await connection.createChannel()
  await channel.purgeQueue(tasks)
  await connection.close()
  bench.grader(async () => judgement())
  await bench.ask(TASKS)
  expect(keysOf(bench)).toEqual(KEYS)
})

test('a grader that is stopped finishes what it has begun, and gives the rest back unharmed', async () => {
  await using bench = await QueueBench.start()
  const begun = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const asked = bench.ask(TASKS)
  const grader = bench.grader(
    async () => {
      begun.resolve()
      await go.promise
      return judgement()
    },
    { room: 2 },
  )
  await begun.promise
  const stopped = grader.stop()
  go.resolve()
  await stopped
  const { tasks, alone } = bench.names
  const known = () => (bench.depth(tasks) ?? 0) + bench.results.length
  await until('its results', known, (all) => all === TASKS.length)
  expect(bench.depth(alone)).toBe(0)
  bench.grader(async () => judgement())
  await asked
  expect(keysOf(bench)).toEqual(KEYS)
})

test('what is late or an error is judged once more, and both are answered', async () => {
  await using bench = await QueueBench.start()
  const late = judgement('failed', {
    expectations: [{ step: 1, title: 'works', verdict: 'failed', misconception: 'not-started' }],
  })
  const script = [late, judgement(), judgement('error'), judgement('failed')]
  bench.grader(async () => script.shift())
  await bench.ask([task('one')])
  await bench.ask([task('two')])
  expect(bench.results).toMatchObject([
    { judgement: { report: { verdict: 'passed' } }, earlier: { why: 'time-limit' } },
    { judgement: { report: { verdict: 'failed' } }, earlier: { why: 'error' } },
  ])
})

test('two classes share graders, and each gets its own results', async () => {
  await using bench = await QueueBench.start()
  bench.grader(async () => judgement())
  const other = bench.folder.at('other')
  mkdirSync(other)
  await Promise.all([bench.ask(TASKS.slice(0, 6)), bench.ask(TASKS.slice(4), undefined, other)])
  expect(keysOf(bench)).toEqual([...KEYS, ...TASKS.slice(4, 6).map(({ key }) => key)].toSorted())
})

test('a message that is no task is kept as a dead letter, and harms nobody', async () => {
  await using bench = await QueueBench.start()
  const judged: string[] = []
  bench.grader(async ({ key }) => {
    judged.push(key)
    return judgement()
  })
  await bench.ask(TASKS.slice(0, 1))
  const connection = await bench.connection()
  const channel = await connection.createConfirmChannel()
  const wrong = { ...task('x'), key: task('y').key }
  for (const body of ['{', '{}', JSON.stringify(wrong)]) channel.sendToQueue(bench.names.tasks, Buffer.from(body))
  await channel.waitForConfirms()
  await connection.close()
  await until(
    'three dead letters',
    () => bench.depth(bench.names.dead),
    (depth) => depth === 3,
  )
  await bench.ask(TASKS)
  expect(keysOf(bench)).toEqual([...KEYS, ...TASKS.slice(0, 1).map(({ key }) => key)].toSorted())
  expect(judged).not.toContain(wrong.key)
})

test.each(['../evil.ts', '/evil.ts', 'a/../../evil.ts', 'C:/evil.ts', '..\\evil.ts', 'a//b.ts', 'run.sh'])(
  'a task with a file at %s is none',
  (path) => {
    const files = [{ path, text: '' }]
    const how = { broker: 'embedded' }
    const body = taskBody({ key: taskKey(files, 'lab', how), lesson: LESSON, how, files })
    expect(() => readTask(body, () => 'lab')).toThrow(/not a safe path|not a source file/)
  },
)

test('the password of a URL is never shown, also where it is refused', async () => {
  await using bench = await QueueBench.start()
  expect(queueAddress('amqps://anna:pass@mq.example.org/v', {}).shown).toBe('amqps://mq.example.org/v')
  const fromEnv = queueAddress('amqp://mq', { LAB_QUEUE_USER: 'an@na', LAB_QUEUE_PASSWORD: 'p:w' })
  expect(fromEnv).toEqual({ url: 'amqp://an%40na:p%3Aw@mq', shown: 'amqp://mq' })
  for (const wrong of ['http://anna:pass@mq', 'anna:pass@mq', 'amqp://anna:pass@:x']) {
    const refused = () => queueAddress(wrong, {})
    expect(refused).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringMatching('anna|:pass@mq') }),
    )
  }
  const address = queueAddress(`amqp://grade:hidden@127.0.0.1:${bench.broker.port}/grading`, {})
  const { ended } = bench.grader(async () => judgement(), { address })
  await expect(ended).rejects.toMatchObject({ code: 'queue-refused', message: expect.not.stringContaining('hidden') })
  expect(bench.told.join('\n')).not.toContain('hidden')
})

test('work that has to be alone waits for the others, and they wait for it', async () => {
  const quiet = new Quiet()
  const events: string[] = []
  const go = Promise.withResolvers<void>()
  const work = (name: string, wait?: Promise<void>) => async () => {
    events.push(`${name} begins`)
    await wait
    events.push(`${name} ends`)
  }
  const all = [
    quiet.beside(work('one', go.promise)),
    quiet.alone(work('alone')),
    quiet.beside(work('two')),
    quiet.beside(work('three')),
  ]
  go.resolve()
  await Promise.all(all)
  expect(events.slice(0, 4)).toEqual(['one begins', 'one ends', 'alone begins', 'alone ends'])
  expect(events.length).toBe(8)
})

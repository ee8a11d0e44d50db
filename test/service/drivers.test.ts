import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Broker } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import { partsOf } from '../../lab/lessons/lesson.ts'
import { ROOT } from '../../lab/root.ts'
import { makeRoot, removeRoot } from '../broker/ground.ts'
import { until } from '../broker/until.ts'
import { Submission } from '../check/lab.ts'
import { KEYS } from '../menu/screen.ts'
import { Play } from './play.ts'

/** Functions that are no programs are run by drivers of the lab's. */

const root = makeRoot()
let broker: Broker
beforeAll(async () => {
  broker = await openBroker({ kind: 'embedded', root, idleMs: 300 })
})
afterAll(async () => {
  await broker[Symbol.asyncDispose]()
  await removeRoot(root)
})

const made = (name: string, exports: string[]) => ({
  ...partsOf(ROOT, name),
  title: name,
  minutes: 1,
  buildsOn: [],
  exports,
})

test('lesson 07: as many tasks are unacknowledged as the prefetch allows, and the others wait', async () => {
  using submission = new Submission({
    '07-fair-dispatch/exercise.ts': `
      export async function consumeFairly(channel, queue, handle, prefetch) {
        await channel.prefetch(prefetch)
        const { consumerTag } = await channel.consume(queue, async (message) => {
          await handle(message.content.toString())
          channel.ack(message)
        })
        return consumerTag
      }`,
  })
  await using play = await Play.begin({
    broker,
    tree: submission.tree,
    lesson: made('07-fair-dispatch', ['consumeFairly']),
  })
  await play.shows('[*] Waiting for messages, at most 3 at once')
  for (let task = 1; task <= 5; task++) play.type(`task ${task} ${'.'.repeat(200)}`)
  expect(await play.shows('2 tasks waiting, 3 unacked')).not.toContain('Received task 4')
})

test('lesson 08: a task with a ! fails', async () => {
  using submission = new Submission({
    '08-failed-tasks/exercise.ts': `
      export async function declareWorkQueues(channel, queue) {
        await channel.assertQueue(queue, { durable: true })
        await channel.assertQueue(queue + '.dead', { durable: true })
      }
      export async function consumeOrSetAside(channel, queue, handle, policy) {
        const { consumerTag } = await channel.consume(queue, async (message) => {
          const task = message.content.toString()
          for (let attempt = 1; attempt <= policy.maxAttempts; attempt++) {
            if (await handle(task).then(() => true, () => false)) return channel.ack(message)
          }
          channel.sendToQueue(queue + '.dead', message.content, { persistent: true })
          channel.ack(message)
        })
        return consumerTag
      }`,
  })
  const lesson = made('08-failed-tasks', ['declareWorkQueues', 'consumeOrSetAside'])
  await using play = await Play.begin({ broker, tree: submission.tree, lesson })
  await play.shows("[*] Waiting for messages; a task with a '!' fails")
  play.type('bad!')
  await play.shows('[!] Failed bad!', 3)
  await play.shows('─▶ basic.publish (routingKey task_queue.dead, body bad!)')
})

test('an export that is missing is told before anything runs', async () => {
  using submission = new Submission({ '07-fair-dispatch/exercise.ts': 'export const nothing = 0\n' })
  await using play = await Play.begin({
    broker,
    tree: submission.tree,
    lesson: made('07-fair-dispatch', ['consumeFairly']),
  })
  await play.shows('Your file has no export called consumeFairly.')
  await play.shows('not running')
})

test('a function that rejects at the beginning is told with its error', async () => {
  using submission = new Submission({
    '07-fair-dispatch/exercise.ts': "export const consumeFairly = async () => { throw new Error('not written yet') }\n",
  })
  const lesson = made('07-fair-dispatch', ['consumeFairly'])
  await using play = await Play.begin({ broker, tree: submission.tree, lesson })
  await play.shows("Your service couldn't start: not written yet")
})

test('lesson 11: it comes back when its broker is restarted, and stops in good order', async () => {
  await using play = await Play.begin({ broker, lesson: '11-recovery' })
  await play.shows('[*] Waiting for messages')
  play.key('b')
  await play.shows('The broker was restarted.')
  play.type('after it')
  await play.shows(' [x] Done with after it')
  play.terminal.press(KEYS.ctrlC)
  await play.shows('Exiting consumer')
  await play.shows('Your service ended with exit code 0. task_queue is empty.')
})

test('lesson 13: the cluster is seen worker by worker; one that is killed is replaced, and its task is done', async () => {
  await using play = await Play.begin({ broker, lesson: '13-cluster-up' })
  await play.shows('[*] The cluster is up: 3 workers are ready')
  await play.shows(' worker 3   ready      0 done   idle')
  play.type(`a long job ${'.'.repeat(200)}`)
  const [, busy] =
    /worker (\d) +ready +0 done {3}1 unacked {3}a long job/.exec(await play.shows('1 unacked   a long job')) ?? []
  play.key('w')
  await play.shows(`Worker ${busy} was killed.`)
  await play.shows(`Worker ${busy} is gone.`)
  const screen = await play.shows('Worker 4 is ready.')
  expect(screen).toContain('redelivered, body a long job')
  await play.shows(' worker 4   ready')
  expect(play.terminal.screen).not.toMatch(new RegExp(`^ worker ${busy} `, 'm'))
  play.key('c')
  await play.shows('Worker 4 got SIGTERM.')
})

test('lesson 13: the broker is restarted, and the workers come back; what they have done still counts', async () => {
  await using play = await Play.begin({ broker, lesson: '13-cluster-up' })
  await play.shows('[*] The cluster is up: 3 workers are ready')
  for (let task = 1; task <= 3; task++) play.type(`task ${task}`)
  const done = () =>
    [...play.terminal.screen.matchAll(/ worker \d +\w+ +(\d+) done/g)].map(([, count]) => Number(count))
  await until('three tasks to be done', done, (counts) => counts.reduce((sum, count) => sum + count, 0) === 3)
  const before = done()
  play.key('b')
  await play.shows('The broker was restarted.')
  for (const nth of [1, 2, 3]) await play.shows(`Worker ${nth} is ready.`, 2)
  await until(
    'all to be ready',
    () => play.terminal.screen,
    (screen) => /( worker \d +ready .*\n){3}/.test(screen),
  )
  expect(done()).toEqual(before)
})

test('lesson 13: a cluster that is told to end takes its workers with it', async () => {
  await using play = await Play.begin({ broker, lesson: '13-cluster-up' })
  await play.shows('[*] The cluster is up: 3 workers are ready')
  play.terminal.press(KEYS.ctrlC)
  for (const nth of [1, 2, 3]) await play.shows(`Worker ${nth} is gone.`)
  await play.shows('Your service ended with exit code 0. task_queue is empty.')
})

test('lesson 14: on a broker by itself its service runs, and there is no node to stop', async () => {
  await using play = await Play.begin({ broker, lesson: '14-replicated-queue' })
  await play.shows("The embedded broker runs alone and can't form a cluster.")
  await play.shows('[*] Waiting for messages')
  play.type('/node')
  await play.shows('This broker has no nodes that can be stopped.')
})

test('a service that is none of several has no worker to kill', async () => {
  await using play = await Play.begin({ broker })
  await play.shows('[*] Waiting for messages')
  play.type('/worker')
  await play.shows('Your service has no workers of its own.')
})

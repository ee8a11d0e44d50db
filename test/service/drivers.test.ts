import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Broker } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import { partsOf } from '../../lab/lessons/lesson.ts'
import { ROOT } from '../../lab/root.ts'
import { makeRoot, removeRoot } from '../broker/ground.ts'
import { Submission } from '../check/lab.ts'
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

test('lesson 07: as many tasks are in hand as the prefetch allows, and the others wait', async () => {
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
  expect(await play.shows('2 tasks waiting, 3 in hand')).not.toContain('Received task 4')
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
  await play.shows("[*] Waiting for messages; one with a '!' fails")
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
  await play.shows('Your service could not begin: not written yet')
})

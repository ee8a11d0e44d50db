import { execFileSync } from 'node:child_process'
import { afterAll, expect, test } from 'vitest'
import { Session } from '../../lab/check/session.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { until } from '../broker/until.ts'
import { labCommand, Submission, startLab } from './lab.ts'

/** No student's code can fake a verdict: what was tried on other graders, and what could be tried on this one. */

const LESSON = '01-first-connection/exercise.ts'
const all = await lessons(ROOT)
const session = new Session({
  root: ROOT,
  broker: { kind: 'embedded' },
  exports: Object.fromEntries(all.map(({ name, exports }) => [name, exports])),
})
afterAll(() => session[Symbol.asyncDispose]())
const NOTHING = 'export async function openConnection() { return {} }\n'

test.concurrent.each([
  ['ends the process with success as soon as it is loaded', `process.exit(0)\n${NOTHING}`],
  ['ends it with success when it is called', 'export function openConnection() { process.exit(0) }\n'],
  [
    'changes the matchers of the test runner',
    `try { const { expect } = await import('vitest'); expect.extend({ toBe: () => ({ pass: true }) }) } catch {}\n${NOTHING}`,
  ],
  [
    'takes the error handlers away',
    `process.removeAllListeners()\nprocess.on('uncaughtException', () => {})\nprocess.on('exit', () => { process.exitCode = 0 })\n${NOTHING}`,
  ],
  [
    'speaks for the driver',
    `for (const name of ['loaded', 'settled', 'told']) process.send?.({ type: name, id: 1, ok: true, value: {}, name: 'used', data: {}, solutionsUsed: [] })\n${NOTHING}`,
  ],
  [
    'speaks on the channel itself',
    `const { Pipe } = process.binding ? {} : {}\nfor (const fd of [3, 4]) try { (await import('node:fs')).writeSync(fd, '{"type":"settled","id":1,"ok":true,"value":{}}\\n') } catch {}\n${NOTHING}`,
  ],
  [
    'prints what a report looks like',
    `console.log(JSON.stringify({ broker: null, lessons: [{ verdict: 'passed' }] }))\n${NOTHING}`,
  ],
  [
    'writes over the check',
    `try { (await import('node:fs')).writeFileSync(process.cwd() + '/../../checks/01-first-connection/check.ts', '') } catch {}\n${NOTHING}`,
  ],
  [
    'answers instead of the broker',
    'export async function openConnection() { const channel = { assertQueue: async () => ({ queue: "q" }), close: async () => {} }; return { createChannel: async () => channel, close: async () => {}, on() {}, once() {} } }\n',
  ],
])('fails an exercise that %s', async (_title, source) => {
  using submission = new Submission({ [LESSON]: source })
  const { lessons: judged } = await session.check({ lessons: ['01-first-connection'], tree: submission.tree })
  expect(judged).toMatchObject([{ verdict: 'failed', working: false }])
})

test('an exercise that kills the lab gets no pass', async () => {
  using submission = new Submission({ [LESSON]: `process.kill(process.ppid, 'SIGKILL')\n${NOTHING}` })
  const ran = await labCommand(['check', '1', '--json', '--broker', 'embedded', '--tree', submission.tree])
  expect(ran.code).not.toBe(0)
  expect(ran.stdout).not.toContain('"passed"')
})

test('a lab that is killed in the middle of a check leaves no process of the student', async () => {
  using submission = new Submission({ [LESSON]: 'export async function openConnection() { for (;;) {} }\n' })
  const lab = startLab(['check', '1', '--json', '--broker', 'embedded', '--tree', submission.tree])
  const ours = () => execFileSync('ps', ['-Awwo', 'args'], { encoding: 'utf8' }).split(submission.tree).length - 1
  const command = ours() + 1
  await until('the exercise to run', ours, (count) => count > command)
  lab.kill('SIGKILL')
  await until('its processes to be gone', ours, (count) => count === 0)
})

test('no expectation on the wire passes for exercises that only pretend', async () => {
  const pretended = {
    '02-retrying-connection':
      'export async function connectWithRetry() { const channel = { assertQueue: async () => ({ queue: "q" }), close: async () => {}, on() {} }; return { createChannel: async () => channel, close: async () => {}, on() {}, once() {} } }',
    '03-durable-queue':
      'export async function declareTaskQueue(channel, queue) { return { queue, messageCount: 3, consumerCount: 0 } }',
    '04-ack-consumer': 'export async function consumeTasks(channel, queue, handle) { return "tag" }',
  }
  using submission = new Submission(
    Object.fromEntries(Object.entries(pretended).map(([lesson, source]) => [`${lesson}/exercise.ts`, `${source}\n`])),
  )
  const { lessons: judged } = await session.check({ lessons: Object.keys(pretended), tree: submission.tree })
  expect(judged.map(({ verdict }) => verdict)).toEqual(['failed', 'failed', 'failed'])
  const passed = judged.flatMap(({ lesson, expectations }) =>
    expectations.filter(({ verdict }) => verdict === 'passed').map(({ title }) => `${lesson}: ${title}`),
  )
  expect(passed).toEqual([])
})

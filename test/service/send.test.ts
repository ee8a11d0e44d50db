import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from 'amqplib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBroker } from '../../lab/broker/choose.ts'
import { announce, announced } from '../../lab/service/runs.ts'
import { keeperProcesses, makeRoot, removeRoot, runningProcesses } from '../broker/ground.ts'
import { until } from '../broker/until.ts'
import { labCommand } from '../check/lab.ts'

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'cluster-up-runs-'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

const send = (...args: string[]) => labCommand(['send', ...args], { LAB_HOME: state })
const run = (more: { pid: number; began?: number }) => ({
  lesson: '05-first-service',
  // Nobody listens at port 1.
  url: 'amqp://user:password@127.0.0.1:1/vhost',
  queue: 'task_queue',
  began: 1,
  ...more,
})
const NOBODY = 'No service is running to receive it.\nStart one in another terminal: npm run lab,'

test('where nothing runs it says what to do', async () => {
  const sent = await send('a task')
  expect(sent).toMatchObject({ code: 2, stdout: '' })
  expect(sent.stderr).toContain(NOBODY)
})

test('a run whose process is gone, or whose broker refuses, is none, and its file goes', async () => {
  const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(gone, 'close')
  announce(state, run({ pid: gone.pid ?? 0 }))
  announce(state, run({ pid: process.pid }))
  const sent = await send('a task')
  expect(sent).toMatchObject({ code: 2, stdout: '' })
  expect(sent.stderr).toContain(NOBODY)
  expect(readdirSync(join(state, 'runs'))).toEqual([])
})

test('of a run on a cluster, a node that is up gets the tasks, in a queue as the run has it', async () => {
  const root = makeRoot()
  try {
    await using broker = await openBroker({ kind: 'embedded', root, idleMs: 300 })
    await using vhost = await broker.openVhost()
    const { url, ...rest } = run({ pid: process.pid })
    announce(state, { ...rest, url, urls: [url, vhost.url()], isReplicated: true })
    expect((await send('a task')).stdout).toContain('Sent 1 task to task_queue. 1 task is waiting there now.')
    const connection = await connect(vhost.url())
    const channel = await connection.createChannel()
    const quorum = { durable: true, arguments: { 'x-queue-type': 'quorum' } }
    expect(await channel.assertQueue('task_queue', quorum)).toMatchObject({ messageCount: 1 })
    await connection.close()
  } finally {
    await removeRoot(root)
  }
})

test('of several runs the youngest comes first', () => {
  announce(state, run({ pid: process.pid, began: 1 }))
  announce(state, run({ pid: process.ppid, began: 2 }))
  expect(announced(state).map(({ pid }) => pid)).toEqual([process.ppid, process.pid])
})

test.each([
  [[], 'There is no task to send.'],
  [['a', '--times', 'many'], "--times takes a whole number from 1 to 10000, not 'many'."],
  [['a', '--often'], '--often'],
])('bad usage %j ends with 2 and says what is wrong', async (args, said) => {
  const sent = await send(...args)
  expect(sent).toMatchObject({ code: 2, stdout: '' })
  expect(sent.stderr).toContain(said)
  expect(sent.stderr).toContain("npm run send -- 'a task..'")
})

test.runIf(process.platform !== 'win32')('a lab that is killed leaves no service, and no run to send to', async () => {
  const script = new URL('./lab-that-runs.ts', import.meta.url)
  const lab = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(script)], {
    env: { ...process.env, LAB_HOME: state },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let printed = ''
  lab.stdout.on('data', (text: Buffer) => {
    printed += String(text)
  })
  try {
    await until(
      'the service to wait for tasks',
      () => printed,
      (text) => text.includes('[*] Waiting for messages'),
    )
    const [{ pid } = { pid: 0 }] = announced(state)
    expect(pid).toBe(lab.pid)
    const services = () => runningProcesses().filter(({ command }) => command.includes(`${state}/tree/`))
    expect(services()).toHaveLength(1)
    lab.kill('SIGKILL')
    await until('the service to be gone', services, (found) => found.length === 0)
    const sent = await send('too late')
    expect(sent).toMatchObject({ code: 2, stdout: '' })
    expect(readdirSync(join(state, 'runs'))).toEqual([])
  } finally {
    lab.kill('SIGKILL')
    await removeRoot(state)
  }
  expect(keeperProcesses(state)).toEqual([])
})

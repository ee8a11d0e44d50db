import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../lab/root.ts'
import { openWorkers, type Workers } from '../../lab/student/workers.ts'
import { LOOPBACK } from '../../lab/wire/port.ts'
import { Place } from './place.ts'

/** What an exercise starts that may start processes: known, and gone with it. */

const STARTS = `import { fork } from 'node:child_process'
export async function run({ file, detached }) {
  const child = fork(file, { detached })
  await new Promise((resolve) => child.once('message', resolve))
  return child.pid
}
`
/** The worker that a lesson brings. */
const WORKER = `import { connect } from 'node:net'
export async function work(port: number): Promise<void> {
  const line = connect(port, '127.0.0.1')
  line.on('close', () => process.kill(process.pid, 'SIGKILL'))
  line.on('data', (data) => line.write(JSON.stringify({ name: 'began', data: { task: String(data).trim() } }) + '\\n'))
  line.write(JSON.stringify({ name: 'started', data: { pid: process.pid } }) + '\\n')
  process.send?.('started')
}
`

function gone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // What nobody has waited for yet is a number and no more.
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

async function opened(place: Place): Promise<Workers> {
  const source = place.write('worker.ts', WORKER)
  return openWorkers({
    recorder: place.recorder,
    root: ROOT,
    source,
    plan: (nth) => ({ youAre: nth }),
    ports: LOOPBACK,
  })
}

test('an exercise may start no process', async () => {
  using place = new Place(STARTS)
  await using workers = await opened(place)
  await using student = await place.start()
  expect(await student?.ask('run', { file: workers.file })).toMatchObject({
    ok: false,
    error: { code: 'ERR_ACCESS_DENIED' },
  })
})

test.each([false, true])(
  'where it may, the lab hears of each, guards it, and tells it what to do (detached: %s)',
  async (detached) => {
    using place = new Place(STARTS)
    await using workers = await opened(place)
    const guarded: number[] = []
    await using student = await place.start({ mayFork: true, guard: (pid) => guarded.push(pid) })
    const { value: pid } = (await student?.ask('run', { file: workers.file, detached })) ?? {}
    expect(guarded).toEqual([student?.pid, pid])
    await place.recorder.waitFor(
      'the plan to arrive',
      (event) => event.kind === 'told' && event.name === 'worker-began',
    )
    expect(place.recorder.events).toContainEqual(
      expect.objectContaining({
        kind: 'told',
        name: 'worker-began',
        data: { nth: 1, task: JSON.stringify({ name: 'plan', plan: { youAre: 1 } }) },
      }),
    )
    expect(workers.alive()).toEqual([{ nth: 1, pid, alive: true }])
  },
)

test.each([false, true])(
  'what it has left lives on until the lab has seen it, and then no longer (detached: %s)',
  async (detached) => {
    using place = new Place(STARTS)
    const workers = await opened(place)
    const student = await place.start({ mayFork: true })
    const { value } = (await student?.ask('run', { file: workers.file, detached })) ?? {}
    const pid = Number(value)
    await student?.kill()
    expect(gone(pid)).toBe(false)
    expect(workers.alive()).toHaveLength(1)
    await student?.[Symbol.asyncDispose]()
    await workers[Symbol.asyncDispose]()
    await expect.poll(() => gone(pid), { timeout: 10_000 }).toBe(true)
    expect(() => readFileSync(workers.file)).toThrow('ENOENT')
  },
)

test('a worker whose line breaks off is gone, and that harms nobody else', async () => {
  using place = new Place(STARTS)
  await using workers = await opened(place)
  const port = Number(/work\((\d+)\)\s*$/.exec(readFileSync(workers.file, 'utf8'))?.[1])
  const line = connect(port, '127.0.0.1')
  line.write(`${JSON.stringify({ name: 'started', data: { pid: 2 ** 22 + 1 } })}\n`)
  await place.recorder.waitFor('the worker', (event) => event.kind === 'told' && event.name === 'worker-started')
  line.resetAndDestroy()
  await place.recorder.waitFor('its end', (event) => event.kind === 'told' && event.name === 'worker-gone')
  expect(workers.alive()).toEqual([])
})

test('the worker of every lesson that brings one can be run as it is', async () => {
  const source = join(ROOT, 'checks', '13-cluster-up', 'worker.ts')
  using place = new Place(STARTS)
  await using workers = await openWorkers({
    ports: LOOPBACK,
    recorder: place.recorder,
    root: ROOT,
    source,
    plan: () => ({ dies: 'at once' }),
  })
  await using student = await place.start({ mayFork: true })
  student?.call('run', { file: workers.file })
  await place.recorder.waitFor('the worker to die', (event) => event.kind === 'told' && event.name === 'worker-gone')
  expect(place.recorder.events).toContainEqual(
    expect.objectContaining({ name: 'worker-started', data: expect.objectContaining({ nth: 1, hasLine: true }) }),
  )
})

import { expect, test } from 'vitest'
import { NeverCame } from '../../lab/recording/recorder.ts'
import { Place } from './place.ts'

function gone(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

test('calls the exercise, and gets its result and its errors back', async () => {
  using place = new Place(
    "export async function run({ fail }) { if (fail) throw Object.assign(new Error('no'), { code: 'E_NO' }); return { sum: 3 } }\n",
  )
  await using student = await place.start()
  expect(await student?.ask('run', {})).toMatchObject({ ok: true, value: { sum: 3 } })
  expect(await student?.ask('run', { fail: true })).toMatchObject({ ok: false, error: { message: 'no', code: 'E_NO' } })
})

test('a promise that never settles is said to be pending', async () => {
  using place = new Place('export function run() { return new Promise(() => {}) }\n')
  await using student = await place.start()
  await expect(student?.ask('run', {}, { limitMs: 300 })).rejects.toThrow(NeverCame)
  expect(place.recorder.events.at(-1)).toMatchObject({ kind: 'awaited', what: 'run() to settle', limitMs: 300 })
})

test('a submission anywhere on disk finds amqplib, also in a folder for CommonJS', async () => {
  using place = new Place(
    "import { connect } from 'amqplib'\nexport function run(): string { return typeof connect }\n",
    {
      'tree/package.json': '{ "type": "commonjs" }',
    },
  )
  await using student = await place.start()
  expect(await student?.ask('run')).toMatchObject({ ok: true, value: 'function' })
})

test('finds the whole of amqplib, however it is asked for, and only once', async () => {
  const source = `import amqp, * as all from 'amqplib'
import { connect } from 'amqplib'
import { connect as withCallback } from 'amqplib/callback_api'
import { createRequire } from 'node:module'
export async function run({ lab }) {
  const required = createRequire(lab)('amqplib')
  const refused = await connect('amqps://127.0.0.1:1').catch(({ code }) => code)
  return { names: Object.keys(all), one: amqp === required && amqp.connect === connect, refused, other: typeof withCallback }
}
`
  const amqplib = await import('amqplib')
  using place = new Place(source)
  await using student = await place.start()
  expect((await student?.ask('run', { lab: import.meta.url }))?.value).toEqual({
    names: Object.keys(amqplib),
    one: true,
    refused: 'ECONNREFUSED',
    other: 'function',
  })
})

test.each([
  ['is missing', undefined],
  ['does not load', 'export const = 1\n'],
  ['lacks an export', 'export const other = 1\n'],
])("an earlier lesson that %s is replaced by the solution's, and that is said", async (_title, own) => {
  const earlier = "export function openConnection() { return 'the solution' }\n"
  using place = new Place(
    "import { openConnection } from '../01-first-connection/exercise.ts'\nexport function run() { return openConnection() }\n",
    {
      'solutions/01-first-connection/exercise.ts': earlier,
      ...(own === undefined ? {} : { 'tree/01-first-connection/exercise.ts': own }),
    },
  )
  await using student = await place.start()
  expect(await student?.ask('run')).toMatchObject({ value: 'the solution' })
  expect(place.recorder.events).toContainEqual(
    expect.objectContaining({ kind: 'told', name: 'solutions-used', data: ['01-first-connection'] }),
  )
})

test("an earlier lesson of the student's own is used where it is good, and not where a submission is graded", async () => {
  const files = {
    'solutions/01-first-connection/exercise.ts': "export function openConnection() { return 'the solution' }\n",
    'tree/01-first-connection/exercise.ts': "export function openConnection() { return 'my own' }\n",
  }
  const source =
    "import { openConnection } from '../01-first-connection/exercise.ts'\nexport function run() { return openConnection() }\n"
  using place = new Place(source, files)
  await using own = await place.start()
  expect(await own?.ask('run')).toMatchObject({ value: 'my own' })
  using graded = new Place(source, files)
  await using other = await graded.start({ solutionsOnly: true })
  expect(await other?.ask('run')).toMatchObject({ value: 'the solution' })
})

test('sees no variable but those that the lesson names', async () => {
  process.env.CLUSTER_UP_TEST_SECRET = 'secret'
  using place = new Place('export function run() { return Object.keys(process.env) }\n')
  await using student = await place.start({ env: { AMQP_URL: 'amqp://localhost' } })
  const answer = await student?.ask('run')
  const names = answer?.value as string[]
  expect(names).toContain('AMQP_URL')
  expect(
    names.filter((name) => !/^(AMQP_URL|PATH|Path|TZ|LANG|SystemRoot|TEMP|__CF_USER_TEXT_ENCODING)$/.test(name)),
  ).toEqual([])
})

test('may read itself and the lab, and neither write nor start anything', async () => {
  const source = `import { readFileSync, writeFileSync } from 'node:fs'
import { execSync } from 'node:child_process'
const tried = (what) => { try { what(); return 'done' } catch (error) { return error.code } }
export function run({ secret, self }) {
  return [tried(() => readFileSync(self)), tried(() => readFileSync(secret)), tried(() => writeFileSync(self, '')), tried(() => execSync('true'))]
}
`
  using place = new Place(source)
  const secret = place.write('secret.txt', 'the answers')
  await using student = await place.start()
  const answer = await student?.ask('run', { secret, self: place.exercise })
  expect(answer?.value).toEqual(['done', 'ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED'])
})

test('run as a program, it is the main module, with its own variables', async () => {
  using place = new Place(
    "if (import.meta.main) { console.log('hello ' + process.env.QUEUE); console.log(process.argv.length) }\nexport function run() {}\n",
  )
  await using student = await place.start({ program: true, env: { QUEUE: 'tasks' } })
  student?.mayEnd()
  await student?.ends()
  expect(place.printed()).toEqual(['hello tasks', '2'])
  expect(place.recorder.events.some((event) => event.kind === 'finding')).toBe(false)
})

test('a program answers to SIGINT, and the code that it ends with is recorded', async () => {
  using place = new Place(
    "process.on('SIGINT', () => { console.log('Exiting consumer'); process.exit(0) })\nsetInterval(() => {}, 1000)\nconsole.log('up')\n",
  )
  await using student = await place.start({ program: true })
  await student?.prints("'up'", (line) => line === 'up')
  student?.mayEnd()
  student?.signal('SIGINT')
  expect(await student?.ends()).toMatchObject({ code: 0, signal: null })
  expect(place.printed()).toContain('Exiting consumer')
})

test('what the exercise sends on the line by itself is no word of the driver', async () => {
  using place = new Place(
    "export function run() { process.send?.({ type: 'told', name: 'cluster-ready', data: {} }); return typeof process.send }\n",
  )
  await using student = await place.start()
  expect(await student?.ask('run')).toMatchObject({ value: 'undefined' })
  expect(place.recorder.events.some((event) => event.kind === 'told' && event.name === 'cluster-ready')).toBe(false)
})

test('is told to its guard before any code of the student runs, and is gone when it is put away', async () => {
  using place = new Place('export function run() { return process.pid }\n')
  const guarded: number[] = []
  const student = await place.start({ guard: (pid) => guarded.push(pid) })
  const answer = await student?.ask('run')
  expect(guarded).toEqual([answer?.value])
  await student?.[Symbol.asyncDispose]()
  expect(gone(student?.pid)).toBe(true)
})

test('measures how long the event loop takes to answer', async () => {
  using place = new Place('export function run() { const end = Date.now() + 400; while (Date.now() < end); }\n')
  await using student = await place.start()
  student?.call('run')
  const busy = await student?.ping()
  const free = await student?.ping()
  expect(busy).toBeGreaterThan(300)
  expect(free).toBeLessThan(busy ?? 0)
})

test('attempts at a closed port are told, though the wire never sees them', async () => {
  using place = new Place(
    "import { connect } from 'node:net'\nexport function run() { connect(1, '127.0.0.1').on('error', () => {}) }\n",
  )
  await using student = await place.start()
  student?.call('run')
  await student?.told('attempt-ended')
})

test("may not read the solution of the lesson that is judged, nor a later one's", async () => {
  const solution = 'export function run() { return "copied" }\n'
  using place = new Place("export { run } from '../../solutions/02-retrying-connection/exercise.ts'\n", {
    'solutions/01-first-connection/exercise.ts': 'export function openConnection() {}\n',
    'solutions/02-retrying-connection/exercise.ts': solution,
  })
  expect(await place.start()).toBeUndefined()
  expect(await place.finding()).toMatchObject({ id: 'access-denied' })
})

test('run as a program too, a broken earlier lesson is replaced, and a syntax error is called by its name', async () => {
  const earlier = "export function openConnection() { return 'the solution' }\n"
  using place = new Place(
    "import { openConnection } from '../01-first-connection/exercise.ts'\nconsole.log(openConnection())\n",
    {
      'solutions/01-first-connection/exercise.ts': earlier,
      'tree/01-first-connection/exercise.ts': 'export const = 1\n',
    },
  )
  await using student = await place.start({ program: true })
  student?.mayEnd()
  await student?.ends()
  expect(place.printed()).toEqual(['the solution'])
  expect(place.recorder.events).toContainEqual(
    expect.objectContaining({ name: 'solutions-used', data: ['01-first-connection'] }),
  )

  using broken = new Place('const x = 1 +* 2\n')
  await using other = await broken.start({ program: true })
  expect(other).toBeDefined()
  expect(await broken.finding()).toMatchObject({ id: 'syntax-error', detail: expect.stringContaining('+*') })
})

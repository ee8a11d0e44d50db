import { expect, test } from 'vitest'
import { Place } from './place.ts'

test('says that a file is missing', async () => {
  using place = new Place(undefined)
  expect(await place.start()).toBeUndefined()
  const finding = await place.finding()
  expect(finding.id).toBe('file-missing')
  expect(finding.sentence).toContain('exercise.ts')
})

test('shows line and caret of a syntax error', async () => {
  using place = new Place('export function run() {\n  return 1 +* 2\n}\n')
  expect(await place.start()).toBeUndefined()
  const finding = await place.finding()
  expect(finding.id).toBe('syntax-error')
  expect(finding.detail).toMatch(/exercise\.ts:2\b/)
  expect(finding.detail).toContain('return 1 +* 2')
  expect(finding.detail).toMatch(/^\s+\^/m)
})

test('says that the process crashed, and of what', async () => {
  using place = new Place("export function run() { setImmediate(() => { throw new TypeError('boom') }) }\n")
  await using student = await place.start()
  student?.call('run')
  const finding = await place.finding()
  expect(finding.id).toBe('crashed')
  expect(finding.sentence).toContain('TypeError: boom')
})

test('tells an unhandled rejection from a crash', async () => {
  using place = new Place("export function run() { void Promise.reject(new Error('nobody listens')) }\n")
  await using student = await place.start()
  student?.call('run')
  expect(await place.finding()).toMatchObject({
    id: 'unhandled-rejection',
    sentence: expect.stringContaining('nobody listens'),
    at: { file: 'exercise.ts', line: 1, text: expect.stringContaining('Promise.reject(') },
  })
})

test('says with which code the process ended by itself, and what it printed last', async () => {
  using place = new Place("export function run() { console.log('bye'); process.exit(0) }\n")
  await using student = await place.start()
  student?.call('run')
  const finding = await place.finding()
  expect(finding.id).toBe('exited')
  expect(finding.sentence).toContain('exit code 0')
  expect(finding.detail).toContain('bye')
})

test('finds an endless loop, and ends it', async () => {
  using place = new Place('export function run() { for (;;); }\n')
  await using student = await place.start({ limits: { blockedMs: 500 } })
  student?.call('run')
  expect((await place.finding()).id).toBe('blocked')
  await student?.ends()
})

test('finds an endless flood of output, and keeps a bounded part of it', async () => {
  using place = new Place(
    "export function run() { setInterval(() => console.log('x'.repeat(1000)), 0); for (let i = 0; i < 5000; i++) console.log('line ' + i) }\n",
  )
  await using student = await place.start({ limits: { outputBytes: 200_000, outputLines: 50 } })
  student?.call('run')
  expect((await place.finding()).id).toBe('flood')
  await student?.ends()
  expect(place.printed().length).toBeLessThanOrEqual(50)
})

test('finds memory beyond the limit, on the heap and beside it', async () => {
  using heap = new Place(
    'export async function run() { const kept = []; for (;;) { kept.push(new Array(10_000).fill(kept.length)); if (kept.length % 50 === 0) await null } }\n',
  )
  await using first = await heap.start({ limits: { heapMiB: 32 } })
  first?.call('run')
  expect((await heap.finding()).id).toBe('memory')

  using buffers = new Place(
    'const kept = []\nexport function run() { setInterval(() => kept.push(Buffer.alloc(20_000_000, 1)), 10) }\n',
  )
  await using second = await buffers.start({ limits: { rssBytes: 200_000_000 } })
  second?.call('run')
  expect((await buffers.finding()).id).toBe('memory')
})

import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { watchFiles } from '../../lab/watch/watch.ts'

let folder: string
let file: string
let told: string[][]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-up-watch-'))
  file = join(folder, 'exercise.ts')
  writeFileSync(file, 'one')
  told = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Resolves when the watcher has told of something so many times. */
const toldOf = (times: number) => expect.poll(() => told.length, { timeout: 10_000 }).toBe(times)

test.each([
  ['events', false],
  ['polling', true],
] as const)('a file that is written, renamed over, touched, removed and put back is told of: %s', async (way, poll) => {
  using watch = watchFiles([file], (changed) => void told.push(changed), { poll })
  expect(watch.way).toBe(way)
  writeFileSync(file, 'two')
  await toldOf(1)
  writeFileSync(join(folder, 'beside'), 'three')
  renameSync(join(folder, 'beside'), file)
  await toldOf(2)
  utimesSync(file, new Date(), new Date(Date.now() + 5000))
  await toldOf(3)
  rmSync(file)
  await toldOf(4)
  writeFileSync(file, 'four')
  await toldOf(5)
  expect(new Set(told.flat())).toEqual(new Set([file]))
})

test('a save in several steps is told of once, and other files of the folder never', async () => {
  using _ = watchFiles([file], (changed) => void told.push(changed), { poll: false })
  writeFileSync(join(folder, 'other.ts'), 'x')
  rmSync(file)
  writeFileSync(file, 'tw')
  writeFileSync(file, 'two')
  await toldOf(1)
  writeFileSync(file, 'three')
  await toldOf(2)
})

test('where events do not come it goes over to polling, says so, and loses nothing', async () => {
  // What is written under another name, in another folder, is no event of this one: as on a network drive.
  const elsewhere = join(folder, 'elsewhere')
  mkdirSync(elsewhere)
  const silent = join(elsewhere, 'exercise.ts')
  linkSync(file, silent)
  let said = 0
  using watch = watchFiles([file], (changed) => void told.push(changed), { poll: false, onPolling: () => said++ })
  writeFileSync(silent, 'two')
  await toldOf(1)
  expect(watch.way).toBe('events')
  writeFileSync(silent, 'three')
  await toldOf(2)
  expect(watch.way).toBe('polling')
  expect(said).toBe(1)
  writeFileSync(silent, 'four, and longer')
  await toldOf(3)
})

test('a folder that takes the place of another is watched in its place', async () => {
  const [own, place] = [join(folder, 'own'), join(folder, 'place')]
  mkdirSync(place)
  mkdirSync(own)
  const watched = join(place, 'exercise.ts')
  writeFileSync(watched, 'one')
  using watch = watchFiles([watched], (changed) => void told.push(changed), { poll: false })
  renameSync(place, join(folder, 'away'))
  renameSync(own, place)
  await toldOf(1)
  writeFileSync(watched, 'two')
  await toldOf(2)
  expect(watch.way).toBe('events')
})

test('a file that is not there yet is told of when it comes', async () => {
  const later = join(folder, 'later.ts')
  using _ = watchFiles([later], (changed) => void told.push(changed), { poll: false })
  writeFileSync(later, 'one')
  await toldOf(1)
  writeFileSync(later, 'two')
  await toldOf(2)
})

test('LAB_POLL asks for polling', () => {
  process.env.LAB_POLL = '1'
  try {
    using watch = watchFiles([file], () => {})
    expect(watch.way).toBe('polling')
  } finally {
    delete process.env.LAB_POLL
  }
})

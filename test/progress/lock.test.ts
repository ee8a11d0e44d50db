import { execFile } from 'node:child_process'
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { markHint } from '../../lab/progress/hints.ts'
import { locked } from '../../lab/progress/lock.ts'
import { readProgress } from '../../lab/progress/store.ts'
import { emptyProject } from '../lessons/scratch.ts'

const run = promisify(execFile)

test('processes that write at the same time lose nothing of each other', async () => {
  using project = emptyProject()
  const writer = join(import.meta.dirname, 'writer.ts')
  const names = ['01-a', '02-b', '03-c']
  await Promise.all(names.map((name) => run(process.execPath, [writer, project.root, name, '20'])))
  const { lessons } = await readProgress(project.root)
  expect(names.map((name) => Object.keys(lessons[name]?.hints ?? {}).length)).toEqual([20, 20, 20])
  expect(readdirSync(project.path('.lab'))).toEqual(['progress.json'])
}, 30_000)

test('writers in one process lose nothing either', async () => {
  using project = emptyProject()
  const steps = Array.from({ length: 10 }, (_, index) => index + 1)
  await Promise.all(steps.map((step) => markHint(project.root, '01-a', { step, number: 1 })))
  expect(Object.keys((await readProgress(project.root)).lessons['01-a']?.hints ?? {})).toHaveLength(10)
})

test('a lock that a dead process left is taken over', async () => {
  using project = emptyProject()
  const file = project.path('x.lock')
  writeFileSync(file, '1 left')
  const old = new Date(Date.now() - 60_000)
  utimesSync(file, old, old)
  expect(await locked(file, () => 'done')).toBe('done')
  expect(readdirSync(project.root)).toEqual([])
})

test('a lock that is held is waited for, until the signal says otherwise', async () => {
  using project = emptyProject()
  const file = project.path('x.lock')
  writeFileSync(file, '1 held')
  const waiting = locked(file, () => 'done', AbortSignal.timeout(50))
  await expect(waiting).rejects.toThrow()
  expect(existsSync(file)).toBe(true)
})

test('work that throws leaves no lock', async () => {
  using project = emptyProject()
  const work = () => {
    throw new Error('oh')
  }
  await expect(locked(project.path('x.lock'), work)).rejects.toThrow('oh')
  expect(readdirSync(project.root)).toEqual([])
})

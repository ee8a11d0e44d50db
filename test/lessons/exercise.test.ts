import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { backupsOf, ensureExercise, exerciseContent, reset, restore, stamp } from '../../lab/lessons/exercise.ts'
import type { Lesson } from '../../lab/lessons/lesson.ts'
import { type Scratch, STARTER, scratchProject } from './scratch.ts'

const NOW = new Date(2026, 10, 23, 18, 30, 5)

async function firstLesson(project: Scratch): Promise<Lesson> {
  const [lesson] = await lessons(project.root)
  if (!lesson) throw new Error('no lesson')
  return lesson
}

test('the exercise is made from the starter once, and never touched again', async () => {
  using project = scratchProject()
  const lesson = await firstLesson(project)
  expect(await exerciseContent(lesson)).toBeUndefined()
  expect(await ensureExercise(lesson)).toBe(true)
  expect(await exerciseContent(lesson)).toBe(STARTER)
  writeFileSync(lesson.exercise, 'mine')
  expect(await ensureExercise(lesson)).toBe(false)
  expect(await exerciseContent(lesson)).toBe('mine')
})

test('a lesson without a starter says so', async () => {
  using project = scratchProject()
  const lesson = { ...(await firstLesson(project)), starter: project.path('nowhere.ts') }
  await expect(ensureExercise(lesson)).rejects.toMatchObject({ code: 'no-starter' })
})

test('a reset keeps a dated copy, also twice in a second', async () => {
  using project = scratchProject()
  const lesson = await firstLesson(project)
  const state = project.path('.lab')
  for (const mine of ['one', 'two', 'three']) {
    writeFileSync(lesson.exercise, mine)
    const copy = await reset(lesson, state, NOW)
    expect(copy && readFileSync(copy, 'utf8')).toBe(mine)
    expect(await exerciseContent(lesson)).toBe(STARTER)
  }
  expect(readdirSync(project.path('.lab/backups/01-first-steps')).sort()).toEqual([
    'exercise.2026-11-23T18-30-05-2.ts',
    'exercise.2026-11-23T18-30-05-3.ts',
    'exercise.2026-11-23T18-30-05.ts',
  ])
  expect(readdirSync(lesson.folder).sort()).toEqual(['exercise.ts', 'hints.md', 'lesson.md', 'starter.ts'])
})

test('a reset of what is the starter, or not there, keeps nothing', async () => {
  using project = scratchProject()
  const lesson = await firstLesson(project)
  expect(await reset(lesson, project.path('.lab'), NOW)).toBeUndefined()
  expect(await reset(lesson, project.path('.lab'), NOW)).toBeUndefined()
  expect(await exerciseContent(lesson)).toBe(STARTER)
})

test('a reset that can keep no copy leaves the exercise alone', async () => {
  using project = scratchProject()
  const lesson = await firstLesson(project)
  writeFileSync(lesson.exercise, 'mine')
  mkdirSync(project.path('.lab'))
  project.write('.lab/backups', 'a file in the way')
  await expect(reset(lesson, project.path('.lab'), NOW)).rejects.toMatchObject({ code: 'file-not-written' })
  expect(await exerciseContent(lesson)).toBe('mine')
})

test('a date in a file name has no colon', () => {
  expect(stamp(NOW)).toBe('2026-11-23T18-30-05')
})

test('a kept copy is put back, the newest stands first, and what was there is kept', async () => {
  using project = scratchProject()
  const lesson = await firstLesson(project)
  const state = project.path('.lab')
  expect(await backupsOf(lesson, state)).toEqual([])
  for (const mine of ['one', 'two\nlines']) {
    writeFileSync(lesson.exercise, mine)
    await reset(lesson, state, NOW)
  }
  const [newest, oldest] = await backupsOf(lesson, state)
  expect(newest).toMatchObject({ date: '2026-11-23 18:30:05 (2)', lines: 2 })
  expect(oldest).toMatchObject({ date: '2026-11-23 18:30:05', lines: 1 })
  writeFileSync(lesson.exercise, 'three')
  const copy = oldest && (await restore(lesson, oldest, state, NOW))
  expect(copy && readFileSync(copy, 'utf8')).toBe('three')
  expect(await exerciseContent(lesson)).toBe('one')
  // The starter, and what is the same already, need no copy.
  expect(oldest && (await restore(lesson, oldest, state, NOW))).toBeUndefined()
  expect(await backupsOf(lesson, state)).toHaveLength(3)
})

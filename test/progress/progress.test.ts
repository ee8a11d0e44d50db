import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { markHint, nextHint, stepToHint } from '../../lab/progress/hints.ts'
import { recordReport } from '../../lab/progress/record.ts'
import { isOpen, nextLesson, passedOn, stateOf } from '../../lab/progress/state.ts'
import { readProgress } from '../../lab/progress/store.ts'
import type { LessonReport, Verdict } from '../../lab/report/report.ts'
import { emptyProject } from '../lessons/scratch.ts'

const RABBITMQ = { kind: 'container', product: 'RabbitMQ', version: '4.3.6' }
const EMBEDDED = { kind: 'embedded', product: 'Cluster Up', version: '1.0.0' }
const ONE = '01-first'
const LESSONS = [{ name: ONE }, { name: '02-second' }, { name: '03-third' }]

/** A report whose steps end as given: 'passed failed not-judged'. */
function report(steps: string, lesson = ONE): LessonReport {
  const verdicts = steps === '' ? [] : (steps.split(' ') as Verdict[])
  const verdict = verdicts.find((each) => each !== 'passed') ?? (steps === '' ? 'failed' : 'passed')
  const expectations = verdicts.map((verdict, index) => ({ step: index + 1, title: `step ${index + 1}`, verdict }))
  return { lesson, verdict, working: verdicts[0] === 'passed', durationMs: 1, solutionsUsed: [], expectations }
}

test('nothing is remembered at first, and no file is made by reading', async () => {
  using project = emptyProject()
  expect(await readProgress(project.root)).toEqual({ lessons: {} })
  expect(readdirSync(project.root)).toEqual([])
})

test('a lesson goes from new over begun and working to passed, and knows when its file has changed', async () => {
  using project = emptyProject()
  const entry = async () => (await readProgress(project.root)).lessons[ONE]
  expect(stateOf(await entry(), undefined, 'starter')).toBe('new')
  expect(stateOf(await entry(), 'starter', 'starter')).toBe('new')
  expect(stateOf(await entry(), 'mine', 'starter')).toBe('begun')
  await recordReport(project.root, report('passed failed'), RABBITMQ, 'mine')
  expect(stateOf(await entry(), 'mine', 'starter')).toBe('working')
  await recordReport(project.root, report('passed passed'), RABBITMQ, 'better')
  expect(stateOf(await entry(), 'better', 'starter')).toBe('passed')
  expect(stateOf(await entry(), 'broken', 'starter')).toBe('passed, changed since')
  expect(stateOf(await entry(), undefined, 'starter')).toBe('passed, changed since')
})

test('a pass on a stand-in is kept apart from a pass on RabbitMQ', async () => {
  using project = emptyProject()
  await recordReport(project.root, report('passed'), EMBEDDED, 'mine')
  const before = await readProgress(project.root)
  expect(passedOn(before.lessons[ONE], 'mine')).toMatchObject(EMBEDDED)
  await recordReport(project.root, report('passed'), RABBITMQ, 'mine')
  await recordReport(project.root, report('passed'), EMBEDDED, 'mine')
  const after = await readProgress(project.root)
  expect(passedOn(after.lessons[ONE], 'mine')).toMatchObject(RABBITMQ)
  expect(passedOn(after.lessons[ONE], 'other')).toBeUndefined()
  expect(after.lessons[ONE]?.passed).toHaveLength(2)
})

test('the next lesson is the first not passed, and a lesson opens when the one before works', async () => {
  using project = emptyProject()
  const [first, second, third] = LESSONS as [{ name: string }, { name: string }, { name: string }]
  let progress = await readProgress(project.root)
  expect(nextLesson(LESSONS, progress)).toBe(first)
  expect(LESSONS.map((lesson) => isOpen(LESSONS, lesson, progress))).toEqual([true, false, false])
  progress = await recordReport(project.root, report('passed failed'), RABBITMQ, 'mine')
  expect(nextLesson(LESSONS, progress)).toBe(first)
  expect(isOpen(LESSONS, second, progress)).toBe(true)
  for (const { name } of [first, third]) await recordReport(project.root, report('passed', name), RABBITMQ, 'mine')
  progress = await recordReport(project.root, report('passed', second.name), RABBITMQ, 'mine')
  expect(nextLesson(LESSONS, progress)).toBeUndefined()
})

test('failed checks count for the first step that falls short, until it passes', async () => {
  using project = emptyProject()
  const check = async (steps: string) => {
    const { lessons } = await recordReport(project.root, report(steps), RABBITMQ, 'mine')
    return { failed: lessons[ONE]?.failed, step: stepToHint(lessons[ONE]) }
  }
  expect(await check('failed failed failed')).toEqual({ failed: { 1: 1 }, step: 1 })
  expect(await check('passed failed failed')).toEqual({ failed: { 2: 1 }, step: 2 })
  expect(await check('passed failed passed')).toEqual({ failed: { 2: 2 }, step: 2 })
  expect(await check('passed not-judged passed')).toEqual({ failed: { 2: 2 }, step: 2 })
  expect(await check('error')).toEqual({ failed: { 2: 2 }, step: 2 })
  expect(await check('')).toEqual({ failed: { 1: 1, 2: 2 }, step: 1 })
  expect(await check('passed passed passed')).toEqual({ failed: {}, step: 1 })
})

test('hints come one by one, and the third after two failed checks of its step', async () => {
  using project = emptyProject()
  const ask = async () => {
    const hint = nextHint((await readProgress(project.root)).lessons[ONE])
    await markHint(project.root, ONE, hint)
    return hint
  }
  const locked = 'The last hint opens after 2 failed checks of your own file at step 1: none so far.'
  expect([await ask(), await ask(), await ask()]).toEqual([
    { step: 1, number: 1 },
    { step: 1, number: 2 },
    { step: 1, number: 2, locked },
  ])
  await recordReport(project.root, report('failed'), RABBITMQ, 'mine')
  expect((await ask()).locked).toContain('1 so far')
  await recordReport(project.root, report('failed'), RABBITMQ, 'mine')
  expect([await ask(), await ask()]).toEqual([
    { step: 1, number: 3 },
    { step: 1, number: 3 },
  ])
  await recordReport(project.root, report('passed failed'), RABBITMQ, 'mine')
  expect(await ask()).toEqual({ step: 2, number: 1 })
})

test('a step without hints has none to show', () => {
  expect(nextHint(undefined, 1, 0)).toEqual({ step: 1, number: 0 })
})

test.each([
  ['{"version": 1, "less', "it isn't valid JSON"],
  [
    '{"version": 1, "lessons": {"01-first": {"working": "yes"}}}',
    "'lessons.01-first.working' isn't what the lab writes there",
  ],
  ['{"version": 2, "lessons": {}}', "'version' isn't what the lab writes there"],
])('a broken file is kept aside, and said: %s', async (content, problem) => {
  using project = emptyProject()
  project.write('.lab/progress.json', content)
  const { notice, lessons } = await readProgress(project.root)
  expect(lessons).toEqual({})
  expect(notice).toContain(problem)
  const kept = readdirSync(project.path('.lab')).find((name) =>
    /^progress\.broken-\d{4}-\d\d-\d\dT[\d-]+Z\.json$/.test(name),
  )
  expect(kept && readFileSync(project.path(`.lab/${kept}`), 'utf8')).toBe(content)
  expect(notice).toContain(kept)
  expect((await readProgress(project.root)).notice).toBeUndefined()
})

test('keys of another version of the lab stay', async () => {
  using project = emptyProject()
  project.write('.lab/progress.json', '{"version":1,"editor":"vi","lessons":{"01-first":{"stars":3}}}')
  await recordReport(project.root, report('passed'), RABBITMQ, 'mine')
  expect(JSON.parse(readFileSync(project.path('.lab/progress.json'), 'utf8'))).toMatchObject({
    editor: 'vi',
    lessons: { '01-first': { stars: 3, working: true } },
  })
})

test('the folder of the state can be another', async () => {
  using project = emptyProject()
  const state = project.path('elsewhere')
  await recordReport(project.root, report('passed'), RABBITMQ, 'mine', { state })
  expect((await readProgress(project.root, state)).lessons[ONE]?.working).toBe(true)
  expect(readdirSync(project.root)).toEqual(['elsewhere'])
})

test('a folder that can not be written is said to be', async () => {
  using project = emptyProject()
  project.write('.lab', 'a file in the way')
  await expect(recordReport(project.root, report('passed'), RABBITMQ, 'mine')).rejects.toMatchObject({
    code: 'progress-not-written',
  })
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { collect } from '../../lab/grade/collect.ts'
import { contentHash } from '../../lab/grade/hash.ts'
import type { SubmissionRecord } from '../../lab/grade/record.ts'
import type { LessonReport } from '../../lab/report/report.ts'
import { report } from './sample.ts'
import { Folder } from './zips.ts'

const FIRST = '01-first-connection'
const FOURTH = '04-ack-consumer'
const ALL = [
  { name: FIRST, number: 1, starterText: '' },
  { name: FOURTH, number: 4, starterText: '' },
]

function write(folder: Folder, path: string, text: string): void {
  mkdirSync(dirname(folder.at('anna', path)), { recursive: true })
  writeFileSync(folder.at('anna', path), text)
}

function collected(folder: Folder, known?: SubmissionRecord, { lessons = ALL, lab = 'one' } = {}): SubmissionRecord {
  const handed = { id: 'anna', folder: folder.at('anna'), from: 'anna', notes: [] }
  const hashOf = (_: string, files: Parameters<typeof contentHash>[0]) => contentHash(files, lab, { broker: 'native' })
  return collect(handed, { lessons, all: ALL, hashOf, known }).record
}

/** As if everything in it had been judged. */
function judged(
  record: SubmissionRecord,
  of: (lesson: string) => LessonReport = (lesson) => report(lesson, ['passed', 'passed']),
) {
  const lessons = Object.entries(record.lessons).map(([lesson, own]) => {
    return [lesson, { ...own, judged: { report: of(lesson), broker: null, sandbox: 'none', at: '' } }] as const
  })
  return { ...record, lessons: Object.fromEntries(lessons) }
}

function left(record: SubmissionRecord): string[] {
  return Object.keys(record.lessons).filter((lesson) => record.lessons[lesson]?.judged === undefined)
}

function aClass(): Folder {
  const folder = new Folder()
  write(folder, `${FIRST}/exercise.ts`, 'one()')
  write(folder, `${FIRST}/helper.ts`, 'help()')
  write(folder, `${FOURTH}/exercise.ts`, 'four()')
  write(folder, 'shared.ts', 'shared()')
  return folder
}

test('what is judged and did not change is kept', () => {
  using folder = aClass()
  const first = collected(folder)
  expect(left(first)).toEqual([FIRST, FOURTH])
  expect(left(collected(folder, judged(first)))).toEqual([])
})

test.each([
  ['its exercise', `${FIRST}/exercise.ts`, [FIRST]],
  ['a helper beside it', `${FIRST}/helper.ts`, [FIRST]],
  ['a new file beside it', `${FIRST}/new.ts`, [FIRST]],
  ['a file that all lessons may import', 'shared.ts', [FIRST, FOURTH]],
  ['nothing but a note', 'notes.md', []],
])('%s changed: what depends on it is judged anew', (_, path, lessons) => {
  using folder = aClass()
  const known = judged(collected(folder))
  write(folder, path, 'changed()')
  expect(left(collected(folder, known)).sort()).toEqual(lessons)
})

test('another lab judges anew, and so does one that failed itself', () => {
  using folder = aClass()
  const known = judged(collected(folder))
  expect(left(collected(folder, known, { lab: 'two' }))).toEqual([FIRST, FOURTH])
  const failed = judged(known, (lesson) => ({
    ...report(lesson, ['passed', 'passed']),
    verdict: lesson === FIRST ? 'error' : 'passed',
  }))
  expect(left(collected(folder, failed))).toEqual([FIRST])
})

test('a run that asks for one lesson forgets nothing of the others', () => {
  using folder = aClass()
  const known = judged(collected(folder))
  const one = collected(folder, known, { lessons: ALL.slice(0, 1) })
  expect(one.wanted).toEqual([FIRST])
  expect(left(collected(folder, one))).toEqual([])
})

test("how often a lesson was checked, from the student's progress file; a broken one says nothing", () => {
  using folder = aClass()
  const progress = { version: 1, lessons: { [FOURTH]: { failed: { 1: 3, 2: 2 }, passed: [] } } }
  write(folder, '.lab/progress.json', JSON.stringify(progress))
  expect(collected(folder).checks).toEqual({ [FOURTH]: 5 })
  write(folder, '.lab/progress.json', '{ "version": 99')
  expect(collected(folder).checks).toBeUndefined()
})

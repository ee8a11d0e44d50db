import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Classroom50Result } from '../../lab/grade/exports/classroom50.ts'
import { GradesJson } from '../../lab/grade/exports/grades-json.ts'
import { GradescopeResults } from '../../lab/grade/exports/gradescope.ts'
import { parseRubric } from '../../lab/grade/points/rubric.ts'
import { fileNameOf, Records } from '../../lab/grade/record.ts'
import { writeResults } from '../../lab/grade/results.ts'
import { readStudents, readSubmitted, studentOf } from '../../lab/grade/students.ts'
import { EVIL, sampleClass, setting } from './sample.ts'
import { Folder } from './zips.ts'

const STUDENTS = [{ id: 'anna', name: 'Anna A', email: 'anna@example.org', section: 'A' }]

function written(given = {}): Folder & { text(...names: string[]): string } {
  const folder = new Folder()
  writeResults(folder.path, sampleClass(), setting({ students: STUDENTS, ...given }), {
    CLASSROOM: 'spring',
    COMMIT_URL: 'c',
  })
  return Object.assign(folder, { text: (...names: string[]) => readFileSync(folder.at(...names), 'utf8') })
}

function table(text: string): Record<string, string>[] {
  return parse(text, { columns: true })
}

test('grades.json holds to its schema, and has everything but the code', () => {
  using folder = written()
  const grades = v.parse(GradesJson, JSON.parse(folder.text('grades.json')))
  expect(grades.students.map(({ id, points, most, open }) => [id, points, most, open])).toEqual([
    ['anna', 20, 20, []],
    ['ben', 5, 20, []],
    ['cara', 10, 10, ['04-ack-consumer']],
    [EVIL, 0, 20, []],
  ])
  expect(folder.text('grades.json')).not.toContain('three()')
})

test('grades.csv: a row a student, a column a lesson, and a word where there are no points', () => {
  using folder = written()
  const rows = table(folder.text('grades.csv'))
  expect(rows.map((row) => [row.id, row.name, row['01-first-connection'], row['04-ack-consumer'], row.points])).toEqual(
    [
      ['anna', 'Anna A', '10', '10', '20'],
      ['ben', '', '0', '5', '5'],
      ['cara', '', '10', 'error', '10'],
      [EVIL, '', '0', '0', '0'],
    ],
  )
  expect(rows[2]?.['not judged']).toBe('04-ack-consumer')
})

test('moodle.csv: found by mail or ID number; nobody gets feedback without a grade', () => {
  using folder = written()
  const rows = table(folder.text('moodle.csv'))
  expect(rows.map(({ useremail, useridnumber, grade }) => [useremail, useridnumber, grade])).toEqual([
    ['anna@example.org', 'anna', '20'],
    ['', 'ben', '5'],
    ['', EVIL, '0'],
  ])
})

test('canvas.csv: the points possible below the head, and assignments by their numbers', () => {
  const rubric = parseRubric('version: 1\nlessons:\n  1: { canvas: 4711 }', 'rubric.yaml', ['01-first-connection'])
  using folder = written({ rubric })
  const [head, possible, ...rows] = parse(folder.text('canvas.csv')) as string[][]
  expect(head).toEqual([
    ...['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section'],
    'Cluster Up 01 A first connection (4711)',
    'Cluster Up 04 A task is done',
  ])
  expect(possible?.map((cell) => cell.trim())).toEqual(['Points Possible', '', '', '', '', '10', '10'])
  expect(rows[0]).toEqual(['Anna A', '', 'anna', 'anna@example.org', 'A', '10', '10'])
  expect(rows).toHaveLength(3)
})

test('gradescope and classroom50 hold to their schemas; who is not judged completely is left out', () => {
  using folder = written()
  for (const kind of ['gradescope', 'classroom50']) {
    expect(readdirSync(folder.at(kind)).sort()).toEqual([fileNameOf(EVIL), 'anna', 'ben'].sort())
  }
  const results = v.parse(GradescopeResults, JSON.parse(folder.text('gradescope', 'ben', 'results.json')))
  expect(results.score).toBe(5)
  expect(results.tests.map(({ number, status, score, max_score }) => [number, status, score, max_score])).toEqual([
    ['1', 'failed', 0, 10],
    ['4.1', 'passed', 5, 5],
    ['4.2', 'failed', 0, 5],
  ])
  const result = v.parse(Classroom50Result, JSON.parse(folder.text('classroom50', 'anna', 'result.json')))
  expect(result).toMatchObject({ classroom: 'spring', commit: 'c', score: 20, 'max-score': 20 })
  expect(result.tests.map((each) => each.passed)).toEqual([true, true])
})

test('JUnit says skipped and error apart from failed', () => {
  using folder = written()
  expect(folder.text('junit', 'ben.xml')).toMatch(/<failure type="no-ack"/)
  expect(folder.text('junit', 'cara.xml')).toMatch(/<error message="The player ended\."/)
})

test('a formula in a cell is text', () => {
  using folder = new Folder()
  const [one] = sampleClass()
  writeResults(folder.path, one ? [{ ...one, id: '=HYPERLINK("http://x")' }] : [], setting(), {})
  for (const name of ['grades.csv', 'moodle.csv', 'canvas.csv']) {
    expect(readFileSync(folder.at(name), 'utf8')).not.toMatch(/(^|,)"?=HYPERLINK/m)
  }
})

test.each([
  ['commas', '\ufeffID,Name,Email,Section\r\nanna, Anna A ,a@x.org,A\r\n17,Ben,,\r\n'],
  ['semicolons', 'id;name;email;section\nanna;Anna A;a@x.org;A\n17;Ben;;\n'],
])('a CSV of students with %s', (_, content) => {
  using folder = new Folder()
  writeFileSync(folder.at('students.csv'), content)
  const students = readStudents(folder.at('students.csv'))
  expect(students).toEqual([
    { id: 'anna', name: 'Anna A', email: 'a@x.org', section: 'A' },
    { id: '17', name: 'Ben' },
  ])
  expect(studentOf('Ben Somebody_17', students)?.name).toBe('Ben')
  expect(studentOf('nobody', students)).toBeUndefined()
})

test('a CSV without the column is refused, and says which it needs', () => {
  using folder = new Folder()
  writeFileSync(folder.at('students.csv'), 'who\nanna\n')
  expect(() => readStudents(folder.at('students.csv'))).toThrow("row 1, 'id'")
})

test('when something was handed in, by lesson where the file says so', () => {
  using folder = new Folder()
  writeFileSync(folder.at('at.csv'), 'id,submitted,lesson\nanna,2026-12-01T00:00:00Z,\nanna,2026-12-02T00:00:00Z,4\n')
  const submitted = readSubmitted(folder.at('at.csv'))
  expect(submitted('Anna', '01-first-connection')).toBe(Date.parse('2026-12-01T00:00:00Z'))
  expect(submitted('anna', '04-ack-consumer')).toBe(Date.parse('2026-12-02T00:00:00Z'))
  expect(submitted('ben', '04-ack-consumer')).toBeUndefined()
})

test.each(['anna', 'Anna A_101', 'Ünal', '../../etc/passwd', '.hidden', 'con', EVIL, 'a'.repeat(300)])(
  'the files about %s are in their folder',
  (id) => {
    expect(fileNameOf(id)).toMatch(/^(?!\.)[\p{L}\p{N}._()-]{1,120}$/u)
  },
)

test('two IDs that differ have two files', () => {
  expect(fileNameOf('a/b')).not.toBe(fileNameOf('a:b'))
  expect(fileNameOf('a_b')).not.toBe(fileNameOf('a b'))
})

test('a record is read as it was written; a broken one is kept aside', () => {
  using folder = new Folder()
  const records = new Records(folder.path)
  const [anna] = sampleClass()
  if (anna) records.write(anna)
  expect(records.read('anna')).toEqual(anna)
  writeFileSync(folder.at('judged', 'anna.json'), '{ "format": 1, "id"')
  expect(records.read('anna')).toBeUndefined()
  expect(readdirSync(folder.at('judged'))).toEqual(['anna.json.broken'])
})

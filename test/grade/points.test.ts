import { expect, test } from 'vitest'
import { DEFAULT_RUBRIC_TEXT } from '../../lab/grade/points/default-rubric.ts'
import { pointsOf } from '../../lab/grade/points/points.ts'
import { DEFAULT_RUBRIC, parseRubric, type Rubric } from '../../lab/grade/points/rubric.ts'
import { error, report } from './sample.ts'

const FIRST = '01-first-connection'
const FOURTH = '04-ack-consumer'
const NAMES = [FIRST, FOURTH]

function rubric(source: string): Rubric {
  return parseRubric(`version: 1\n${source}`, 'rubric.yaml', NAMES)
}

const wrong = { lesson: FOURTH, report: report(FOURTH, ['passed', 'failed']) }
const right = { lesson: FIRST, report: report(FIRST, ['passed', 'passed']) }

test('what --init writes is the default', () => {
  expect(parseRubric(DEFAULT_RUBRIC_TEXT, 'rubric.yaml', NAMES)).toEqual(DEFAULT_RUBRIC)
})

test('the examples that --init writes are right, too', () => {
  const uncommented = DEFAULT_RUBRIC_TEXT.replace('lessons: {}', 'lessons:').replace(/^#( {2,})/gm, '$1')
  const read = parseRubric(uncommented, 'rubric.yaml', [...NAMES, '05-first-service'])
  expect(read.lessons['05-first-service']).toMatchObject({ points: 20, steps: [1, 1, 2, 1], canvas: 4711 })
  expect(read.late.due).toBe('2026-12-01T23:59:00+01:00')
})

test.each([
  ['points: ten', "line 2: 'points'"],
  ['point: 10', "line 2: 'point'"],
  ['late:\n  percentADay: 110', "line 3: 'late.percentADay'"],
  ['late:\n  due: tomorrow', "it isn't a date"],
  ['lessons:\n  99: {}', "there is no lesson '99'"],
  ['lessons:\n  4:\n    steps: []', "line 4: 'lessons.4.steps'"],
  ['points: [', 'line '],
])('a rubric that is wrong is refused with its line: %s', (source, said) => {
  expect(() => rubric(source)).toThrow(said)
})

test('without a rubric the steps of a lesson weigh the same', () => {
  const { lessons, points, most } = pointsOf([right, wrong], DEFAULT_RUBRIC)
  expect(lessons.map((lesson) => lesson.points)).toEqual([10, 5])
  expect({ points, most }).toEqual({ points: 15, most: 20 })
})

test('weights and points of a lesson', () => {
  const { lessons } = pointsOf([wrong], rubric('lessons:\n  4: { points: 20, steps: [3, 1] }'))
  expect(lessons[0]).toMatchObject({ points: 15, most: 20 })
  expect(lessons[0]?.steps.map(({ points, most }) => [points, most])).toEqual([
    [15, 15],
    [0, 5],
  ])
})

test('working or passed', () => {
  const given = rubric('award: working-and-passed\nworking: 0.6')
  const none = { lesson: FOURTH, report: report(FOURTH, ['failed', 'passed']) }
  expect(pointsOf([right, wrong], given).lessons.map(({ points }) => points)).toEqual([10, 6])
  expect(pointsOf([none], given).lessons[0]?.points).toBe(0)
})

test('what is not handed in has no points; what is not judged has none that are known, and is named', () => {
  const { lessons, points, most, open } = pointsOf(
    [
      { lesson: FIRST, report: undefined },
      { lesson: FOURTH, report: error },
    ],
    DEFAULT_RUBRIC,
  )
  expect(lessons.map(({ outcome, points }) => [outcome, points])).toEqual([
    ['missing', 0],
    ['error', null],
  ])
  expect({ points, most, open }).toEqual({ points: 0, most: 10, open: [FOURTH] })
})

test('a step that could not be judged keeps the points of its lesson open', () => {
  const { lessons, open } = pointsOf(
    [{ lesson: FOURTH, report: report(FOURTH, ['failed', 'not-judged']) }],
    DEFAULT_RUBRIC,
  )
  expect(lessons[0]?.points).toBeNull()
  expect(open).toEqual([FOURTH])
})

test.each([
  ['in time', '2026-12-01T12:00:00Z', 10, undefined],
  ['within the grace', '2026-12-01T12:10:00Z', 10, undefined],
  ['a minute after it', '2026-12-01T12:16:00Z', 9, 1],
  ['two days late', '2026-12-03T11:00:00Z', 8, 2],
  ['a month late', '2027-01-01T00:00:00Z', 5, 31],
])('late: %s', (_, submitted, points, days) => {
  const given = rubric('late:\n  due: 2026-12-01T12:00:00Z\n  graceMinutes: 15\n  percentADay: 10\n  mostPercent: 50')
  const [lesson] = pointsOf([{ ...right, submittedMs: Date.parse(submitted) }], given).lessons
  expect(lesson?.points).toBe(points)
  expect(lesson?.lateBy?.days).toBe(days)
})

test('a lesson may be due at a time of its own', () => {
  const given = rubric(
    'lessons:\n  1: { due: 2026-12-05T00:00:00Z }\nlate:\n  due: 2026-12-01T00:00:00Z\n  percentADay: 10',
  )
  const submittedMs = Date.parse('2026-12-03T12:00:00Z')
  const { lessons } = pointsOf(
    [
      { ...right, submittedMs },
      { ...wrong, submittedMs },
    ],
    given,
  )
  expect(lessons.map(({ points }) => points)).toEqual([10, 3.5])
})

test('the worst lessons are dropped; what is not judged is not among them', () => {
  const { lessons, points, most } = pointsOf([right, wrong, { lesson: 'x', report: error }], rubric('dropWorst: 1'))
  expect(lessons.map(({ isDropped }) => isDropped)).toEqual([false, true, false])
  expect({ points, most }).toEqual({ points: 10, most: 10 })
})

import { expect, test } from 'vitest'
import { junit } from '../../lab/report/junit.ts'
import { type CheckReport, exitCode, type LessonReport, type Verdict } from '../../lab/report/report.ts'
import { reportText } from '../../lab/report/text.ts'

const THEME = { width: 80, colour: false, unicode: true }

const failed: LessonReport = {
  lesson: '04-ack-consumer',
  verdict: 'failed',
  working: false,
  durationMs: 1234,
  solutionsUsed: ['02-retrying-connection'],
  steps: [
    { step: 1, title: 'It works on tasks' },
    { step: 2, title: 'It acknowledges after the work' },
  ],
  expectations: [
    { step: 1, title: 'hands each task to its handler', verdict: 'passed' },
    {
      step: 2,
      title: 'acknowledges a task only after its work is done',
      verdict: 'failed',
      durationMs: 12,
      message:
        'The task was acknowledged 3 ms after it arrived; its handler was still at work. It looks as if the ack does not wait for the handler.',
      misconception: 'early-ack',
      read: 'The idea',
      readAt: 'lessons/04-ack-consumer/lesson.md, line 19',
      hint: "npm run lab, then 'hint'",
      trace: [
        {
          ms: 10,
          from: 'broker',
          connection: 1,
          channel: 1,
          method: 'basic.deliver',
          fields: { deliveryTag: 1, redelivered: false },
        },
        { ms: 12.5, from: 'student', connection: 1, channel: 0, method: 'told.began', fields: { task: 'a <task>' } },
        {
          ms: 13,
          from: 'student',
          connection: 1,
          channel: 1,
          method: 'basic.ack',
          fields: { deliveryTag: 1 },
          note: 'too early',
        },
        {
          ms: 113,
          from: 'lab',
          connection: 0,
          channel: 0,
          method: 'ask.finish',
          fields: { calls: [1], tasks: ['a <task>'], how: 'resolve' },
        },
      ],
    },
    { step: 2, title: 'acknowledges each task once', verdict: 'not-judged', message: 'not here' },
  ],
  output: ['working on a <task>'],
  advice: ["line 3: Property 'foo' does not exist on type 'Channel'."],
}

const report: CheckReport = { broker: { kind: 'container', product: 'RabbitMQ', version: '4.3.6' }, lessons: [failed] }

test('a failing check is told step by step, the first shortfall in detail', async () => {
  await expect(
    reportText(report, THEME, { titles: { '04-ack-consumer': 'Acknowledge after the work' } }),
  ).toMatchFileSnapshot('golden/failed.txt')
})

test('in 60 columns and plain ASCII as well', async () => {
  const text = reportText(report, { width: 60, colour: false, unicode: false })
  await expect(text).toMatchFileSnapshot('golden/failed-60-ascii.txt')
  expect(text).toMatch(/^[\x20-\x7e\n]*$/)
})

test('a pass says how many expectations, and on which broker', () => {
  const passed: LessonReport = {
    ...failed,
    verdict: 'passed',
    working: true,
    expectations: failed.expectations.slice(0, 1),
    solutionsUsed: [],
  }
  expect(reportText({ ...report, lessons: [passed] }, THEME)).toContain(
    'Passed on RabbitMQ 4.3.6 (container), 1.2 s: all 1 expectations.',
  )
})

test('JUnit escapes what XML would take for its own', async () => {
  await expect(junit(report)).toMatchFileSnapshot('golden/failed.xml')
})

test('a check that could not be run is no empty suite in JUnit', () => {
  const broken: LessonReport = { ...failed, verdict: 'error', reason: 'the worker died', expectations: [] }
  expect(junit({ broker: null, lessons: [broken] })).toMatch(/errors="1".*\n.*<error message="the worker died"/)
})

test('a file that could not be run is told once, and not for each expectation', () => {
  const others = ['a', 'b', 'c'].map((title, i) => ({
    step: i + 1,
    title,
    verdict: 'not-reached' as const,
    message: 'not reached: your file could not be run',
  }))
  const first = { step: 1, title: 'connects', verdict: 'failed' as const, message: 'A bracket is missing.' }
  const lesson: LessonReport = { ...failed, expectations: [first, ...others] }
  const text = reportText({ broker: null, lessons: [lesson] }, { width: 80, colour: false, unicode: true })
  expect(text.split('could not be run')).toHaveLength(2)
  expect(text).toContain('A bracket is missing.')
  expect(text).not.toContain('Step 1')
})

test.each<[Verdict[], number]>([
  [['passed', 'passed'], 0],
  [['passed', 'failed', 'error'], 1],
  [['passed', 'not-judged'], 2],
  [['error'], 2],
  [[], 2],
])('%j ends with exit code %i', (verdicts, code) => {
  const lessons = verdicts.map((verdict) => ({ ...failed, verdict }))
  expect(exitCode({ broker: null, lessons })).toBe(code)
})

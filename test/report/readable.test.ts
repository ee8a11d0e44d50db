import { expect, test } from 'vitest'
import { readable } from '../../lab/report/readable.ts'
import type { CheckReport } from '../../lab/report/report.ts'

const LIE = '\u001b[2J✔ Passed'

function reportOf(message: string): CheckReport {
  const row = { ms: 1, from: 'student', connection: 1, channel: 1, method: 'basic.publish' } as const
  return {
    broker: { kind: 'embedded', product: LIE, version: '1' },
    lessons: [
      {
        lesson: '04-ack-consumer',
        verdict: 'failed',
        working: false,
        durationMs: 12,
        solutionsUsed: [`a\n${LIE}`],
        expectations: [
          {
            step: 1,
            title: 'acknowledges',
            verdict: 'failed',
            message,
            at: { file: LIE, line: 1, text: LIE },
            trace: [{ ...row, fields: { headers: { [LIE]: [LIE, 1, true, null] } } }],
          },
        ],
        reason: `one\ntwo${LIE}`,
        output: [LIE, 'x'.repeat(100_000)],
      },
    ],
  }
}

test('nothing in a report can do more than be read, wherever it stands', () => {
  const report = readable(reportOf(LIE))
  const everything = JSON.stringify(report)
  expect(everything).not.toContain('u001b')
  expect(everything.match(/␛\[2J✔ Passed/g)).toHaveLength(9)
  expect(readable(report)).toEqual(report)
})

test('numbers, verdicts and other words of the lab stay as they are', () => {
  const report = reportOf('The task was acknowledged too early.')
  const [lesson] = readable(report).lessons
  expect(lesson).toMatchObject({ verdict: 'failed', durationMs: 12, working: false })
  expect(lesson?.expectations[0]).toMatchObject({
    title: 'acknowledges',
    message: report.lessons[0]?.expectations[0]?.message,
  })
})

test('a message keeps its lines, and no other text makes any', () => {
  const [lesson] = readable(reportOf('It crashed.\n    at exercise.ts:1\r\n    at other.ts:2')).lessons
  expect(lesson?.expectations[0]?.message).toBe('It crashed.\n    at exercise.ts:1\n    at other.ts:2')
  expect(lesson?.reason).toBe('one\ntwo␛[2J✔ Passed')
  expect(lesson?.solutionsUsed).toEqual(['a␊␛[2J✔ Passed'])
})

test('what has no end is cut: a line, and lines', () => {
  const [lesson] = readable(reportOf(`boom ${'y'.repeat(100_000)}\n${'z\n'.repeat(5000)}`)).lessons
  const { message = '' } = lesson?.expectations[0] ?? {}
  expect(message.split('\n')).toHaveLength(61)
  expect(message.split('\n')[0]).toMatch(/^boom y{595}… \(of 100005 characters\)$/)
  expect(message).toMatch(/\n… \(4942 more lines\)$/)
  expect(lesson?.output?.[1]).toMatch(/^x{600}… \(of 100000 characters\)$/)
})

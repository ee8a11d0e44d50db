import { expect, test } from 'vitest'
import { located } from '../../lab/report/located.ts'
import type { LessonReport } from '../../lab/report/report.ts'

const report: LessonReport = {
  lesson: '04-ack-consumer',
  verdict: 'failed',
  working: false,
  durationMs: 1,
  solutionsUsed: [],
  output: ['at exercise.ts:3'],
  reason: 'Node stops at ../02-retrying-connection/exercise.ts:7, called by exercise.ts:2.',
  expectations: [
    {
      step: 1,
      title: 'acks',
      verdict: 'failed',
      message: 'exercise.ts:24 acks too soon; lib/log.ts:2 prints. See 10:30 and amqp://host.ts:1.',
      at: { file: 'exercise.ts', line: 24, text: 'channel.ack(message)' },
    },
  ],
}

test('places are named from the root, and what a process printed stays as it is', () => {
  const found = located(report, '/lab/lessons/04-ack-consumer/exercise.ts', '/lab')
  expect(found.reason).toBe(
    'Node stops at lessons/02-retrying-connection/exercise.ts:7, called by lessons/04-ack-consumer/exercise.ts:2.',
  )
  expect(found.expectations[0]?.message).toBe(
    'lessons/04-ack-consumer/exercise.ts:24 acks too soon; lessons/04-ack-consumer/lib/log.ts:2 prints. See 10:30 and amqp://host.ts:1.',
  )
  expect(found.expectations[0]?.at).toEqual({
    file: 'lessons/04-ack-consumer/exercise.ts',
    line: 24,
    text: 'channel.ack(message)',
  })
  expect(found.output).toEqual(['at exercise.ts:3'])
})

test('a tree that lies elsewhere keeps its own names', () => {
  expect(located(report, '/submissions/ada/04-ack-consumer/exercise.ts', '/lab')).toEqual(report)
})

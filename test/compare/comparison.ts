import { type Comparison, compareBoth } from '../../lab/compare/comparison.ts'
import type { LessonReport } from '../../lab/report/report.ts'
import { frame, recording } from './recordings.ts'
import { SOLUTION, YOURS } from './sources.ts'

const LESSON = '04-ack-consumer'

function report(verdict: 'passed' | 'failed', message: string): LessonReport {
  const short = { verdict, ...(verdict === 'failed' ? { message } : {}), scenarios: ['two tasks'] }
  return {
    lesson: LESSON,
    verdict,
    working: verdict === 'passed',
    durationMs: 12,
    solutionsUsed: [],
    expectations: [
      { step: 1, title: 'gives each task to its handler', verdict: 'passed', scenarios: ['other'] },
      { step: 2, title: 'acknowledges a task when its work is done', ...short },
    ],
  }
}

/** A comparison made by hand; what a student wrote can be given. */
export function comparison(
  given: { source?: string; message?: string; task?: string; notes?: string; passed?: boolean } = {},
): Comparison {
  const { source = YOURS, message = 'The ack came too soon.', task = 'resize photo 1', passed = false } = given
  return compareBoth({
    heading: '04 A task is done',
    broker: { kind: 'container', product: 'RabbitMQ', version: '4.3.6' },
    yours: { file: 'ada/exercise.ts', source, report: report(passed ? 'passed' : 'failed', message) },
    solution: { file: 'solutions/exercise.ts', source: SOLUTION, report: report('passed', '') },
    notes: given.notes ?? '# Notes\n\nThe ack stands *behind* the `try`.\n\n```ts\nchannel.ack(message)\n```\n',
    recordingOf: (whose, scenario) =>
      recording(scenario, [
        frame('broker', 'basic.deliver', { deliveryTag: 1 }),
        frame('broker', 'body', { text: task }),
        ...(whose === 'yours' ? [frame('student', 'basic.ack', { deliveryTag: 1 })] : []),
      ]),
  })
}

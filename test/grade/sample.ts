import type { ClassSetting } from '../../lab/grade/graded.ts'
import { DEFAULT_RUBRIC } from '../../lab/grade/points/rubric.ts'
import type { LessonRecord, SubmissionRecord } from '../../lab/grade/record.ts'
import type { ExpectationReport, LessonReport } from '../../lab/report/report.ts'
import { packedShow } from '../../lab/viewer/pack.ts'
import type { PackedShow } from '../../lab/viewer/shared/film.ts'
import { showOf } from '../../lab/viewer/show.ts'
import { delivery, opened, recording } from '../viewer/recordings.ts'

/** Text that would be markup, a formula or a command wherever somebody forgot that it is text. */
export const EVIL = `</td></script><script>alert('x')</script><img src=x onerror="x()"> [x](javascript:x) \`\`\` & "quoted"`

const FIRST = '01-first-connection'
const FOURTH = '04-ack-consumer'

export function setting(given: Partial<ClassSetting> = {}): ClassSetting {
  const misconceptions = { 'no-ack': { says: 'It looks as if noAck is asked for.', read: 'The idea' } }
  return {
    lessons: [
      { name: FIRST, number: 1, title: 'A first connection', misconceptions: {}, hints: {}, background: [] },
      {
        name: FOURTH,
        number: 4,
        title: 'A task is done',
        misconceptions,
        hints: { 1: 'Who knows of **the task**?' },
        background: [],
      },
    ],
    rubric: DEFAULT_RUBRIC,
    students: [],
    submitted: undefined,
    details: 'failed',
    notice: undefined,
    at: '2026-11-29T12:00:00.000Z',
    ...given,
  }
}

/** A lesson's report of two steps: what became of their expectations. */
export function report(
  lesson: string,
  verdicts: [ExpectationReport['verdict'], ExpectationReport['verdict']],
  evil = '',
): LessonReport {
  const isPassed = verdicts.every((verdict) => verdict === 'passed')
  const isOpen = verdicts.some((verdict) => verdict === 'not-judged') && !verdicts.includes('failed')
  return {
    lesson,
    verdict: isPassed ? 'passed' : isOpen ? 'not-judged' : 'failed',
    working: verdicts[0] === 'passed',
    durationMs: 1200,
    solutionsUsed: [],
    steps: [
      { step: 1, title: 'The core' },
      { step: 2, title: 'The rest' },
    ],
    expectations: verdicts.map((verdict, index) => ({
      step: index + 1,
      title: `expectation ${index + 1}`,
      verdict,
      ...(verdict === 'failed'
        ? {
            message: `It was lost. ${evil}`,
            misconception: 'no-ack',
            at: { file: 'exercise.ts', line: 2, text: `channel.consume() ${evil}` },
            trace: [
              {
                ms: 12,
                from: 'student',
                connection: 1,
                channel: 1,
                method: 'basic.consume',
                fields: { queue: `q ${evil}` },
                wrong: true,
                note: `expected: an ack ${evil}`,
              },
            ],
          }
        : {}),
    })),
    ...(evil === '' ? {} : { output: [evil] }),
  }
}

export function lessonRecord(judged: LessonReport | undefined, more: Partial<LessonRecord> = {}): LessonRecord {
  const broker = { kind: 'native', product: 'RabbitMQ', version: '4.3.6' }
  return {
    path: 'exercise.ts',
    notes: [],
    modifiedMs: Date.parse('2026-11-28T12:00:00Z'),
    code: 'one()\ntwo()\nthree()\n',
    hash: 'h',
    ...(judged === undefined
      ? {}
      : { judged: { report: judged, broker, sandbox: 'none', at: '2026-11-29T11:00:00.000Z' } }),
    ...more,
  }
}

export function record(id: string, lessons: Record<string, LessonRecord>): SubmissionRecord {
  return { format: 1, id, from: `${id}.zip`, notes: [], lessons, wanted: [FIRST, FOURTH] }
}

export const error: LessonReport = {
  lesson: FOURTH,
  verdict: 'error',
  working: false,
  durationMs: 1,
  solutionsUsed: [],
  expectations: [],
  reason: 'The player ended.',
}

/** What was recorded of a lesson whose second expectation failed, in one scenario each. */
export function seen(text = ''): PackedShow {
  const played = ['first', 'second'].map((name) => ({
    name: `${name} ${text}`,
    recordings: [{ ...recording(opened(), delivery(1, `task ${text}`)), scenario: name }],
  }))
  const expectations = (['passed', 'failed'] as const).map((verdict, index) => ({
    ...{ step: index + 1, title: `expectation ${index + 1}`, verdict },
    ...{ message: `It was lost. ${text}`, scenarios: [['first', 'second'][index] ?? ''] },
  }))
  return packedShow(showOf(played, expectations), 100_000)
}

/** A class of four: all right, one wrong, one not judged, and one whose every text is malicious. */
export function sampleClass(): SubmissionRecord[] {
  const evil = lessonRecord(report(FOURTH, ['failed', 'failed'], EVIL), {
    code: `one()\n// ${EVIL}\n`,
    path: EVIL,
    notes: [EVIL],
  })
  return [
    record('anna', {
      [FIRST]: lessonRecord(report(FIRST, ['passed', 'passed'])),
      [FOURTH]: lessonRecord(report(FOURTH, ['passed', 'passed'])),
    }),
    record('ben', { [FOURTH]: lessonRecord(report(FOURTH, ['passed', 'failed'])) }),
    record('cara', { [FIRST]: lessonRecord(report(FIRST, ['passed', 'passed'])), [FOURTH]: lessonRecord(error) }),
    { ...record(EVIL, { [FOURTH]: evil }), notes: [EVIL], checks: { [FOURTH]: 7 } },
  ]
}

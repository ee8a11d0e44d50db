import { expect, test } from 'vitest'
import type { Broker } from '../../lab/broker/broker.ts'
import type { Wanted } from '../../lab/check/session.ts'
import { judgeClass } from '../../lab/commands/grade/judge-class.ts'
import type { Judges, Task } from '../../lab/commands/grade/judge-one.ts'
import type { ExpectationReport, LessonReport } from '../../lab/report/report.ts'

const LESSON = '04-ack-consumer'
const BROKER = { kind: 'native', product: 'RabbitMQ', version: '4.3.6' }

function task(id: string): Task {
  return { id, lesson: LESSON, tree: `/trees/${id}`, restarts: false, atCluster: false }
}

function report(verdict: LessonReport['verdict'], expectation?: Partial<ExpectationReport>): LessonReport {
  const expectations = expectation ? [{ step: 1, title: 'works', verdict: 'failed' as const, ...expectation }] : []
  return { lesson: LESSON, verdict, working: false, durationMs: 1, solutionsUsed: [], expectations }
}

const late = report('failed', {
  trace: [{ ms: 1, from: 'lab', connection: 0, channel: 0, method: 'awaited.in-vain', fields: {} }],
})

/** Judges by a script: what comes of each tree, the first time and after. Notes what was opened, closed and played. */
class Scripted {
  readonly played: string[] = []
  readonly judged: [string, string, string | undefined][] = []
  opened = 0
  closed = 0
  readonly #script: Record<string, (LessonReport | Error | 'hangs')[]>

  constructor(script: Record<string, (LessonReport | Error | 'hangs')[]>) {
    this.#script = script
  }

  async run(signal = new AbortController().signal, onBegun: (task: Task) => void = () => {}): Promise<void> {
    const lent = { broker: {} as Broker, [Symbol.asyncDispose]: async () => {} }
    await judgeClass(Object.keys(this.#script).map(task), {
      brokers: { isShared: true, lend: async () => lent },
      open: () => this.#open(),
      sandbox: 'bubblewrap',
      limitMs: undefined,
      signal,
      onBegun,
      onEnded: () => {},
      onJudged: ({ id }, { report }, why) => this.judged.push([id, report.verdict, why]),
    })
  }

  #open(): Judges {
    this.opened++
    return {
      check: async ({ tree, signal }: Wanted) => {
        const id = tree.replace('/trees/', '')
        this.played.push(id)
        const next = this.#script[id]?.shift() ?? report('passed')
        if (next instanceof Error) throw next
        if (next === 'hangs') {
          await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
          throw new Error('unreachable')
        }
        return { broker: BROKER, lessons: [next] }
      },
      [Symbol.asyncDispose]: async () => {
        this.closed++
      },
    }
  }
}

test('each is judged once, and every session is closed', async () => {
  const scripted = new Scripted({
    anna: [report('passed')],
    ben: [report('failed', { message: 'wrong' })],
    cara: [report('passed')],
  })
  await scripted.run()
  expect(scripted.judged.toSorted()).toEqual([
    ['anna', 'passed', undefined],
    ['ben', 'failed', undefined],
    ['cara', 'passed', undefined],
  ])
  expect(scripted.closed).toBe(scripted.opened)
})

test('what fell short by a time limit is judged once more, after all others', async () => {
  const scripted = new Scripted({ anna: [late, report('passed')], ben: [report('passed')], cara: [report('passed')] })
  await scripted.run()
  expect(scripted.played.at(-1)).toBe('anna')
  expect(scripted.judged.filter(([id]) => id === 'anna')).toEqual([
    ['anna', 'failed', undefined],
    ['anna', 'passed', 'time-limit'],
  ])
})

test('it is judged once more only: late twice is late', async () => {
  const scripted = new Scripted({ anna: [late, late] })
  await scripted.run()
  expect(scripted.played).toEqual(['anna', 'anna'])
})

test.each([
  ['a check that rejects', new Error('The player ended.')],
  ['a report of an error', report('error')],
])("the lab's own failure is tried once more, in a new session: %s", async (_, failure) => {
  const scripted = new Scripted({ anna: [failure, report('passed')] })
  await scripted.run()
  expect(scripted.judged).toEqual([
    ['anna', 'error', undefined],
    ['anna', 'passed', 'error'],
  ])
  expect(scripted.opened).toBe(2)
})

test('failed twice by the lab itself, it is an error and nothing else', async () => {
  const scripted = new Scripted({ anna: [new Error('one'), new Error('two')], ben: [report('passed')] })
  await scripted.run()
  expect(scripted.judged.filter(([id]) => id === 'anna').map(([, verdict]) => verdict)).toEqual(['error', 'error'])
  expect(scripted.judged).toContainEqual(['ben', 'passed', undefined])
})

test('ended early, it keeps what was judged, and says nothing of what was not', async () => {
  const scripted = new Scripted({ anna: [report('passed')], ben: ['hangs'], cara: ['hangs'], dan: ['hangs'] })
  const ending = new AbortController()
  await scripted.run(ending.signal, ({ id }) => {
    if (id !== 'anna') ending.abort()
  })
  expect(scripted.judged.filter(([id]) => id !== 'anna')).toEqual([])
  expect(scripted.closed).toBe(scripted.opened)
})

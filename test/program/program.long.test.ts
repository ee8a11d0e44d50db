import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { CheckReport } from '../../lab/report/report.ts'
import { underTest } from '../broker/ground.ts'
import { labCommand, Submission } from '../check/lab.ts'

/** Debian's python3-pika is for Debian's Python, and for no other. */
const PYTHON = '/usr/bin/python3'
const CONSUMER = readFileSync(join(import.meta.dirname, 'consumer.py'), 'utf8')
const SERVICE = readFileSync(join(import.meta.dirname, 'service.py'), 'utf8')
const ACK = '    ch.basic_ack(delivery_tag=method.delivery_tag)\n'
const WORK = '    time.sleep(body.count'

/** Lesson 05's expectations that import an exercise: a program in another language has none. */
const NOT_JUDGED = [
  'does nothing when it is imported',
  'reads its settings from what loadConfig() is given',
  'refuses a bad value, and says which variable it is',
]

/** Lesson 10's expectations of a program. */
const OF_A_PROGRAM = [
  'prints the same lines as the service of lesson 05',
  'stops on SIGINT and on SIGTERM, after finishing its task',
  'stops on a signal while it waits for its broker, too',
]

/** Wrong editions of the article's program: what is wrong with them, and what is replaced by what. */
const WRONG: [misconception: string, ...edits: [string, string][]][] = [
  ['no-retry', ['            time.sleep(delay)\n', '            raise\n']],
  ['acks-early', [ACK, ''], ['on_message_callback=callback)', 'on_message_callback=callback, auto_ack=True)']],
  ['acks-early', [ACK, ''], [WORK, ACK + WORK]],
]

/** The same for lesson 10's program. */
const WRONG_SERVICES: typeof WRONG = [
  ['no-handler', ['    signal.signal(signal.SIGTERM, stop)\n', '']],
  ['exits-at-once', ['    if not working:\n        raise KeyboardInterrupt', '    raise KeyboardInterrupt']],
  ['leaves-a-handle', ['    if stopping:\n        ch.stop_consuming()\n', '']],
]

const kinds = (await underTest(['container', 'native', 'embedded'])).filter(({ missing }) => missing === undefined)

describe.skipIf(!hasPika()).each(kinds)('programs in Python, on $kind', ({ kind }) => {
  const programs = new Submission({
    'consumer.py': CONSUMER,
    'service.py': SERVICE,
    ...Object.fromEntries(WRONG.map(([, ...edits], number) => [`consumer-${number}.py`, edited(CONSUMER, edits)])),
    ...Object.fromEntries(
      WRONG_SERVICES.map(([, ...edits], number) => [`service-${number}.py`, edited(SERVICE, edits)]),
    ),
  })
  afterAll(() => programs[Symbol.dispose]())

  async function judged(lesson: '5' | '10', file: string) {
    const program = `${PYTHON} ${join(programs.tree, file)}`
    const ran = await labCommand(['check', lesson, '--json', '--broker', kind, '--program', program])
    const [report] = (JSON.parse(ran.stdout) as CheckReport).lessons
    return { code: ran.code, verdict: report?.verdict, expectations: report?.expectations ?? [] }
  }

  test("the article's passes lesson 05, and what needs an import is not judged", async () => {
    const { code, verdict, expectations } = await judged('5', 'consumer.py')
    expect(expectations.filter((each) => each.verdict === 'failed')).toEqual([])
    expect({ code, verdict }).toEqual({ code: 0, verdict: 'passed' })
    expect(expectations.filter((each) => each.verdict !== 'passed').map(({ title }) => title)).toEqual(NOT_JUDGED)
  })

  test.each(WRONG.map(([misconception], number) => ({ misconception, number })))(
    'edition $number of it fails: $misconception',
    async ({ misconception, number }) => {
      const { code, expectations } = await judged('5', `consumer-${number}.py`)
      expect(code).toBe(1)
      expect(expectations.find((each) => each.verdict === 'failed')).toMatchObject({ misconception })
    },
  )

  test('one that finishes its task on a signal passes lesson 10', async () => {
    const { code, verdict, expectations } = await judged('10', 'service.py')
    expect(expectations.filter((each) => each.verdict === 'failed')).toEqual([])
    expect({ code, verdict }).toEqual({ code: 0, verdict: 'passed' })
    expect(expectations.filter((each) => each.verdict === 'passed').map(({ title }) => title)).toEqual(OF_A_PROGRAM)
  })

  test.each(WRONG_SERVICES.map(([misconception], number) => ({ misconception, number })))(
    'edition $number of that fails: $misconception',
    async ({ misconception, number }) => {
      const { code, expectations } = await judged('10', `service-${number}.py`)
      expect(code).toBe(1)
      expect(expectations.find((each) => each.verdict === 'failed')).toMatchObject({ misconception })
    },
  )
})

function edited(program: string, edits: [string, string][]): string {
  return edits.reduce((text, [old, next]) => {
    if (!text.includes(old)) throw new Error(`the program has no ${JSON.stringify(old)}`)
    return text.replace(old, next)
  }, program)
}

function hasPika(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import pika'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

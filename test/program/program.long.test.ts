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
const ACK = '    ch.basic_ack(delivery_tag=method.delivery_tag)\n'
const WORK = '    time.sleep(body.count'

/** Lesson 05's expectations that import an exercise: a program in another language has none. */
const NOT_JUDGED = [
  'does nothing when it is imported',
  'reads its settings from what loadConfig() is given',
  'refuses a bad value, and says which variable it is',
]

/** Wrong editions of the article's program: what is wrong with them, and what is replaced by what. */
const WRONG: [misconception: string, ...edits: [string, string][]][] = [
  ['no-retry', ['            time.sleep(delay)\n', '            raise\n']],
  ['acks-early', [ACK, ''], ['on_message_callback=callback)', 'on_message_callback=callback, auto_ack=True)']],
  ['acks-early', [ACK, ''], [WORK, ACK + WORK]],
]

const kinds = (await underTest(['container', 'native', 'embedded'])).filter(({ missing }) => missing === undefined)

describe.skipIf(!hasPika()).each(kinds)("the article's program in Python, on $kind", ({ kind }) => {
  const programs = new Submission({
    'consumer.py': CONSUMER,
    ...Object.fromEntries(WRONG.map(([, ...edits], number) => [`wrong-${number}.py`, edited(edits)])),
  })
  afterAll(() => programs[Symbol.dispose]())

  async function judged(file: string) {
    const program = `${PYTHON} ${join(programs.tree, file)}`
    const ran = await labCommand(['check', '5', '--json', '--broker', kind, '--program', program])
    const [lesson] = (JSON.parse(ran.stdout) as CheckReport).lessons
    return { code: ran.code, verdict: lesson?.verdict, expectations: lesson?.expectations ?? [] }
  }

  test('it passes, and what needs an import is not judged', async () => {
    const { code, verdict, expectations } = await judged('consumer.py')
    expect(expectations.filter((each) => each.verdict === 'failed')).toEqual([])
    expect({ code, verdict }).toEqual({ code: 0, verdict: 'passed' })
    expect(expectations.filter((each) => each.verdict !== 'passed').map(({ title }) => title)).toEqual(NOT_JUDGED)
  })

  test.each(WRONG.map(([misconception], number) => ({ misconception, number })))(
    'edition $number fails: $misconception',
    async ({ misconception, number }) => {
      const { code, expectations } = await judged(`wrong-${number}.py`)
      expect(code).toBe(1)
      expect(expectations.find((each) => each.verdict === 'failed')).toMatchObject({ misconception })
    },
  )
})

function edited(edits: [string, string][]): string {
  return edits.reduce((text, [old, next]) => {
    if (!text.includes(old)) throw new Error(`consumer.py has no ${JSON.stringify(old)}`)
    return text.replace(old, next)
  }, CONSUMER)
}

function hasPika(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import pika'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

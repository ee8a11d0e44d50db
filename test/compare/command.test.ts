import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mistakesOf } from '../../lab/authors/mistakes.ts'
import { ROOT } from '../../lab/root.ts'
import { labCommand, Submission } from '../check/lab.ts'

const LESSON = '04-ack-consumer'

async function wrong(): Promise<Submission> {
  const mistakes = await mistakesOf(ROOT, LESSON)
  const source = mistakes.find(({ name }) => name === 'acks-on-arrival')?.source ?? ''
  return new Submission({ [`${LESSON}/exercise.ts`]: source })
}

test('a submission is shown beside the solution: code, verdicts, traces, notes', async () => {
  using submission = await wrong()
  const args = ['compare', '4', '--tree', submission.tree, '--broker', 'embedded']
  const { code, stdout } = await labCommand(args, { COLUMNS: '160', LANG: 'C.UTF-8' })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Yours: +not yet, 2 of 9 expectations failed, step 1 first\.$/m)
  expect(stdout).toMatch(/^The solution: +passed, all 9 expectations\.$/m)
  expect(stdout).toContain("'The task {+goes back to the queue+}:'")
  expect(stdout).toContain('acknowledges a task when its work is done, not before')
  expect(stdout).toContain('Scenario: the worker is killed in the middle of its work')
  expect(stdout).toMatch(/ - ─▶ basic\.ack \(deliveryTag 1\) +│$/m)
  expect(stdout).toContain('Notes on lesson 04')
})

test('--html writes a page, from where the command was typed, and says where it is', async () => {
  using submission = await wrong()
  const folder = mkdtempSync(join(tmpdir(), 'cluster-up-page-'))
  try {
    const args = ['compare', '04', '--tree', submission.tree, '--broker', 'embedded', '--html', 'out/ada.html']
    const { code, stdout } = await labCommand(args, { INIT_CWD: folder })
    const file = join(folder, 'out', 'ada.html')
    expect(code).toBe(0)
    expect(stdout).toContain(file)
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*basic\.ack \(deliveryTag 1\)[\s\S]*<\/html>\n$/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test.each([
  [[], 'Name exactly one lesson'],
  [['1', '2'], 'Name exactly one lesson'],
  [['99'], "There is no lesson '99'."],
  [['1', '--broker', 'kafka'], "There is no broker 'kafka'."],
  [['1', '--tree', ''], '--tree needs a path.'],
  [['1', '--html', ''], '--html needs a path.'],
  [['1', '--colour'], '--colour'],
])('bad usage %j ends with 2 and says what is wrong', async (args, said) => {
  const { code, stderr, stdout } = await labCommand(['compare', ...args])
  expect(code).toBe(2)
  expect(stderr).toContain(said)
  expect(stdout).toBe('')
})

test('a submission without the exercise has nothing to compare', async () => {
  using submission = await wrong()
  const { code, stderr } = await labCommand(['compare', '1', '--tree', submission.tree, '--broker', 'embedded'])
  expect(code).toBe(2)
  expect(stderr).toContain('01-first-connection')
  expect(stderr).toContain('to compare')
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../../lab/root.ts'
import { typeAdvice } from '../../lab/student/types.ts'

test('what TypeScript says is told with its line', async () => {
  expect(await adviceOn('01-first-connection', "export const port: number = 'amqp'\n")).toEqual([
    "line 1: Type 'string' is not assignable to type 'number'.",
  ])
})

test('a submission that leaves its earlier lessons out is looked at beside the solutions', async () => {
  const source = [
    "import { loadConfig } from '../05-first-service/exercise.ts'",
    'export const { queue } = loadConfig({})',
    'export const prefetch: string = loadConfig({}).prefetch',
  ]
  expect(await adviceOn('10-service-lifecycle', source.join('\n'))).toEqual([
    "line 3: Type 'number' is not assignable to type 'string'.",
  ])
})

async function adviceOn(lesson: string, source: string): Promise<string[]> {
  const tree = mkdtempSync(join(tmpdir(), 'lab-types-'))
  onTestFinished(() => rmSync(tree, { recursive: true, force: true }))
  const file = join(tree, lesson, 'exercise.ts')
  mkdirSync(dirname(file))
  writeFileSync(file, source)
  return typeAdvice(file, ROOT, join(tree, '.lab'))
}

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordReport } from '../../lab/progress/record.ts'
import type { LessonReport } from '../../lab/report/report.ts'
import { ROOT } from '../../lab/root.ts'
import { type Ran, runLab } from './own-project.ts'

const LESSON = '01-first-connection'
const RABBITMQ = { kind: 'container', product: 'RabbitMQ', version: '4.3.6' }
const PASS: LessonReport = {
  lesson: LESSON,
  verdict: 'passed',
  working: true,
  durationMs: 1,
  solutionsUsed: [],
  expectations: [{ step: 1, title: 'answers', verdict: 'passed' }],
}

/**
 * A copy of the lab with a student's own file, which nobody else's work in this one can touch. Its packages are a link, so
 * the student's process may not read them: what it is judged to be is no matter here.
 */
function ownProject() {
  const root = mkdtempSync(join(tmpdir(), 'cluster-up-own-'))
  for (const part of ['lab', 'lab.ts', 'lessons', 'solutions', 'checks', 'package.json'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction')
  const file = join(root, 'lessons', LESSON, 'exercise.ts')
  rmSync(file, { force: true })
  return {
    root,
    file,
    compare: (...args: string[]): Promise<Ran> => runLab(root, ['compare', '1', '--broker', 'embedded', ...args]),
    [Symbol.asyncDispose]: async () => {
      // Its broker is its own, and would stay warm for a while.
      await runLab(root, ['doctor', '--stop'])
      rmSync(root, { recursive: true, force: true })
    },
  }
}

test("a student's own file opens the solution after a pass of what is in it, or by --show", async () => {
  await using project = ownProject()
  const { file, root, compare } = project

  const missing = await compare('--show')
  expect(missing.code).toBe(2)
  expect(missing.stderr).toContain(`There is no lessons/${LESSON}/exercise.ts to compare.`)

  const right = readFileSync(join(root, 'solutions', LESSON, 'exercise.ts'), 'utf8')
  writeFileSync(file, right)
  const refused = await compare()
  expect(refused.code).toBe(2)
  expect(refused.stdout).toBe('')
  expect(refused.stderr).toContain("hasn't passed, and this shows the solution.")
  expect(refused.stderr).toContain('npm run compare -- 01 --show')

  await recordReport(root, PASS, RABBITMQ, right)
  const opened = await compare()
  expect(opened.code, opened.stderr).toBe(0)
  expect(opened.stdout).toContain('The two files are the same.')

  writeFileSync(file, `${right}// changed since\n`)
  expect((await compare()).code).toBe(2)
  const shown = await compare('--show')
  expect(shown.code, shown.stderr).toBe(0)
  expect(shown.stdout).toContain('// changed since')
})

import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeStudentEdition } from '../../lab/edition/write.ts'
import { lessons as catalogue } from '../../lab/lessons/catalogue.ts'
import type { CheckReport } from '../../lab/report/report.ts'
import { ROOT } from '../../lab/root.ts'

const THIRD = '03-durable-queue'
const SECOND = '02-retrying-connection'
const FIFTH = '05-first-service'

mkdirSync(join(ROOT, '.lab'), { recursive: true })
// On the disk of the checkout: its packages are linked, not copied.
const folder = mkdtempSync(join(ROOT, '.lab', 'edition-test-'))
const solution = (lesson: string) => join(ROOT, 'solutions', lesson, 'exercise.ts')

beforeAll(async () => {
  const lessons = await catalogue(ROOT)
  for (const strict of [false, true]) {
    const target = join(folder, strict ? 'strict' : 'usual')
    await writeStudentEdition({ root: ROOT, target, lessons, strict, commit: null })
    execFileSync('cp', ['-al', join(ROOT, 'node_modules'), join(target, 'node_modules')])
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function lab(edition: string, ...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const root = join(folder, edition)
  const { LAB_HOME: _, INIT_CWD: __, ...env } = process.env
  const ran = spawnSync(process.execPath, [join(root, 'lab', 'start.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1', LAB_BROKER: 'embedded' },
  })
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr }
}

function check(edition: string, lesson: string): CheckReport['lessons'][0] | undefined {
  const { stdout } = lab(edition, 'check', lesson, '--json', '--broker', 'embedded')
  return (JSON.parse(stdout) as CheckReport).lessons[0]
}

function write(edition: string, lesson: string): void {
  copyFileSync(solution(lesson), join(folder, edition, 'lessons', lesson, 'exercise.ts'))
}

test('a lesson that skips earlier ones passes with the stand-ins', () => {
  write('usual', FIFTH)
  const report = check('usual', FIFTH)
  expect(report?.verdict).toBe('passed')
  expect(report?.solutionsUsed.length).toBeGreaterThan(0)
}, 300_000)

test('the strict edition says what to write first', () => {
  write('strict', FIFTH)
  const report = check('strict', FIFTH)
  expect(report?.verdict).toBe('failed')
  expect(report?.expectations[0]?.message).toMatch(/which you have not written yet[\s\S]*This lesson builds on 0[2-4]-/)
  for (const lesson of ['01-first-connection', SECOND, THIRD, '04-ack-consumer']) write('strict', lesson)
  expect(check('strict', FIFTH)?.verdict).toBe('passed')
}, 300_000)

test('who asks for the solution hears who has it', () => {
  write('usual', THIRD)
  const compared = lab('usual', 'compare', '3', '--show')
  expect(compared.code).toBe(2)
  expect(compared.stderr).toContain('your instructor has the solutions')
  const shown = lab('usual', 'lab')
  expect(shown.code).toBe(0)
  expect(shown.stdout).toContain('your instructor has the solutions')
}, 300_000)

test('what students hand in from it is graded', () => {
  const out = join(folder, 'grades')
  const repository = join(folder, 'class', 'student')
  mkdirSync(join(folder, 'class'))
  execFileSync('cp', [
    '-r',
    join(folder, 'usual', 'lessons'),
    join(folder, 'usual', 'lab'),
    join(folder, 'usual', 'stand-ins'),
    '-t',
    mkdir(repository),
  ])
  writeFileSync(join(repository, 'README.md'), 'mine')
  const args = [
    'grade',
    join(folder, 'class'),
    '--out',
    out,
    '--broker',
    'embedded',
    '--sandbox',
    'none',
    '--lessons',
    '3,5',
  ]
  execFileSync(process.execPath, [join(ROOT, 'lab', 'start.mjs'), ...args], { cwd: ROOT, stdio: 'ignore' })
  const result = JSON.parse(readFileSync(join(out, 'classroom50', 'student', 'result.json'), 'utf8')) as {
    score: number
  }
  expect(result).toMatchObject({ schema: 'classroom50/result/v1', score: 20, 'max-score': 20 })
}, 300_000)

function mkdir(path: string): string {
  mkdirSync(path)
  return path
}

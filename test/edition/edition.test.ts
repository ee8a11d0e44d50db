import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { partedByBegun } from '../../lab/commands/begun.ts'
import { packed } from '../../lab/edition/pack.ts'
import { writeStudentEdition } from '../../lab/edition/write.ts'
import { lessons as catalogue } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { standInsFolder, studentEdition } from '../../lab/which-edition.ts'
import { Folder } from '../grade/zips.ts'

const lessons = await catalogue(ROOT)
const folder = new Folder()
const made = (name: string) => folder.at(name)

beforeAll(async () => {
  for (const strict of [false, true]) {
    await writeStudentEdition({
      root: ROOT,
      target: made(strict ? 'strict' : 'usual'),
      lessons,
      strict,
      commit: 'abc123',
    })
  }
})
afterAll(() => folder[Symbol.dispose]())

test.each(['usual', 'strict'])('the %s edition has nothing that is the instructor’s', (name) => {
  const files = readdirSync(made(name), { recursive: true, encoding: 'utf8' })
  expect(
    files.filter((file) => /(^|\/)(solutions|mistakes|variants|cheats|test|docs|\.git|node_modules)(\/|$)/.test(file)),
  ).toEqual([])
  expect(files.filter((file) => /^lessons\/[^/]+\/exercise/.test(file))).toEqual([])
  expect(files.filter((file) => file.endsWith('notes.md'))).toEqual([])
  const all = files
    .filter((file) => /\.(ts|md|yaml)$/.test(file))
    .map((file) => readFileSync(join(made(name), file), 'utf8'))
  for (const { solution } of lessons) {
    const source = readFileSync(solution, 'utf8')
    expect(all.some((text) => text.includes(source))).toBe(false)
  }
})

test('every lesson is there, with text, hints, starter and check', () => {
  for (const { name } of lessons) {
    for (const part of [
      `lessons/${name}/lesson.md`,
      `lessons/${name}/hints.md`,
      `lessons/${name}/starter.ts`,
      `checks/${name}/check.ts`,
    ])
      expect(existsSync(join(made('usual'), part)), part).toBe(true)
  }
})

test('its commands are those that it can do, and npm test checks every lesson', () => {
  const { scripts } = JSON.parse(readFileSync(join(made('usual'), 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['lab', 'check', 'doctor']))
  expect(Object.keys(scripts).filter((name) => /grade|edition|new|bench|lint|test:/.test(name))).toEqual([])
  expect(scripts.test).toBe('npm run check -- --all')
  const readme = readFileSync(join(made('usual'), 'README.md'), 'utf8')
  expect(readme).not.toMatch(/instructors\.md|\]\(docs\/|npm test/)
  for (const [, command = ''] of readme.matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g))
    expect(Object.keys(scripts)).toContain(command)
})

test('nothing counts as begun in a new one: what the texts tell to run is the lab’s', async () => {
  const { begun } = await partedByBegun(await catalogue(made('usual')))
  expect(begun.map(({ name }) => name)).toEqual([])
})

test('it knows what it is; the whole lab is none', () => {
  expect(studentEdition(made('usual'))).toEqual({ edition: 'student', strict: false, commit: 'abc123' })
  expect(studentEdition(made('strict'))?.strict).toBe(true)
  expect(studentEdition(ROOT)).toBeUndefined()
  expect(standInsFolder(ROOT)).toBe(join(ROOT, 'solutions'))
  expect(existsSync(standInsFolder(made('strict')))).toBe(false)
})

test.each(lessons.filter(({ name }) => lessons.some(({ buildsOn }) => buildsOn.includes(name))))(
  '$name has a stand-in with all that the contract exports, packed',
  async ({ name, exports, solution }) => {
    const text = readFileSync(join(standInsFolder(made('usual')), name, 'exercise.ts'), 'utf8')
    for (const each of exports)
      expect(text).toMatch(new RegExp(`export (async )?function ${each}\\(|export\\{[^}]*\\b${each}\\b`))
    const types = (source: string) => [...source.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, type]) => type)
    expect(types(text).sort()).toEqual(types(readFileSync(solution, 'utf8')).sort())
    expect(text).not.toMatch(/\/\*\*/)
    expect(text).toBe(await packed(readFileSync(solution, 'utf8')))
  },
)

test('the workflow grades with the lab as it was, outside of the student’s repository', () => {
  const workflow = readFileSync(join(made('usual'), '.github/workflows/grade.yml'), 'utf8')
  expect(workflow).toContain('ref: abc123')
  expect(workflow).toContain('classroom50/student/result.json')
  expect(workflow).not.toContain('--sandbox none')
})

test('a folder that is not empty is left alone', async () => {
  const again = writeStudentEdition({ root: ROOT, target: made('usual'), lessons, strict: false, commit: null })
  await expect(again).rejects.toMatchObject({ code: 'folder-not-empty' })
})

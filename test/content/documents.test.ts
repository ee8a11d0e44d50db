import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { LESSON_KEYS } from '../../lab/menu/keys.ts'
import { ROOT } from '../../lab/root.ts'

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

test('every package is pinned, and docs/dependencies.md says why it is here', () => {
  const packages = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
  const said = [...read('docs/dependencies.md').matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, names = '']) =>
    names.trim().split(', '),
  )
  expect(said.filter((name) => !/^(package|-+)$/.test(name)).sort()).toEqual(Object.keys(packages).sort())
  for (const version of Object.values(packages)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})

test.each(DOCUMENTS)('%s names only commands that there are', (name) => {
  const commands = [...read(name).matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, command]) => command)
  for (const command of commands) expect(Object.keys(manifest.scripts ?? {})).toContain(command)
})

test.each(DOCUMENTS)('%s links only to files that there are', (name) => {
  for (const [, target = ''] of read(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
    expect(existsSync(join(ROOT, dirname(name), target)), target).toBe(true)
  }
})

test('every folder of lab/ stands in docs/architecture.md', () => {
  const folders = execFileSync('git', ['ls-files', 'lab'], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .flatMap((file) => /^lab\/([a-z]+)\//.exec(file)?.[1] ?? [])
  for (const folder of new Set(folders)) expect(read('docs/architecture.md')).toContain(`\`lab/${folder}\``)
})

test('docs/students.md has the keys that the menu has', () => {
  const section = read('docs/students.md').split('\n## Keys\n')[1]?.split('\n## ')[0] ?? ''
  const keys = [...section.matchAll(/\| `(.)` \|/g)].map(([, key]) => key)
  expect(keys.sort()).toEqual(LESSON_KEYS.map(({ key }) => key).sort())
})

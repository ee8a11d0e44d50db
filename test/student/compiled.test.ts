import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from '../../lab/root.ts'
import { exerciseBundle } from '../../lab/student/bundle.ts'
import { compiledAmqplib } from '../../lab/student/compiled.ts'

/** A lab with nothing in its cache. */
class Fresh implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'cluster-up-test-'))
  readonly #url = `${pathToFileURL(this.folder).href}/`
  readonly setting = {
    ...{ lab: this.#url, tree: this.#url, solutions: this.#url },
    ...{ exports: {}, solutionsOnly: false, lesson: '01-first-connection' },
  }

  constructor() {
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'), 'junction')
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What can have become of a file, after a full disk or a bad one. */
const DAMAGES: [what: string, damage: (path: string) => void][] = [
  ['is missing', (path) => rmSync(path)],
  ['is empty', (path) => writeFileSync(path, '')],
  ['is cut off', (path) => writeFileSync(path, readFileSync(path).subarray(0, -100))],
  ['has no end of its first line', (path) => writeFileSync(path, readFileSync(path).subarray(0, 20))],
]

test.each([
  ...DAMAGES,
  [
    'has another byte in the middle',
    (path: string) => {
      const content = readFileSync(path)
      const middle = content.length >> 1
      content[middle] = (content[middle] ?? 0) ^ 1
      writeFileSync(path, content)
    },
  ] as const,
])('amqplib is compiled again where what was kept %s', async (_what, damage) => {
  using fresh = new Fresh()
  const path = await compiledAmqplib(fresh.setting)
  const whole = readFileSync(path)
  damage(path)
  expect(await compiledAmqplib(fresh.setting)).toBe(path)
  expect(readFileSync(path).equals(whole)).toBe(true)
})

test.each(DAMAGES)('types are taken out again where what was kept %s', async (_what, damage) => {
  using fresh = new Fresh()
  const exercise = join(fresh.folder, 'exercise.ts')
  writeFileSync(
    exercise,
    'export const long: number = 1 // so long that it can be cut off, and that several times over, without end\n',
  )
  const { path, sources } = await exerciseBundle(exercise, fresh.setting)
  damage(path)
  expect(await exerciseBundle(exercise, fresh.setting)).toEqual({ path, sources })
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(sources)
  expect(Object.values(sources)).toEqual([expect.stringContaining('export const long         = 1')])
})

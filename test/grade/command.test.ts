import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inShard, lessonsNamed, shardNamed } from '../../lab/grade/which-lessons.ts'
import { labCommand } from '../check/lab.ts'
import { writeClass } from './a-class.ts'
import { Folder } from './zips.ts'

const LESSONS = [1, 2, 3, 10].map((number) => ({ name: `${String(number).padStart(2, '0')}-x`, number })) as Parameters<
  typeof lessonsNamed
>[1]

test.each([
  ['1-3', [1, 2, 3]],
  ['2', [2]],
  ['10,1', [1, 10]],
  ['1-2, 10-x', [1, 2, 10]],
])('--lessons %s', (given, numbers) => {
  expect(lessonsNamed(given, LESSONS).map(({ number }) => number)).toEqual(numbers)
})

test.each(['4', '5-9', 'x'])('--lessons %s names none', (given) => {
  expect(() => lessonsNamed(given, LESSONS)).toThrow(expect.objectContaining({ code: 'no-such-lesson' }))
})

test('shards have every submission once', () => {
  const all = Array.from({ length: 23 }, (_, nth) => nth)
  const shards = Array.from({ length: 5 }, (_, nth) => inShard(all, { nth: nth + 1, of: 5 }))
  expect(shards.flat().sort((one, other) => one - other)).toEqual(all)
  expect(shardNamed('2/5')).toEqual({ nth: 2, of: 5 })
  for (const wrong of ['0/5', '6/5', '2', 'a/b']) expect(shardNamed(wrong)).toBeUndefined()
})

test('without a sandbox nothing is judged, and it says what to do', async () => {
  using folder = new Folder()
  const nothing = { PATH: folder.path, DOCKER_HOST: `unix://${folder.at('no-docker.sock')}` }
  const ran = await labCommand(['grade', writeClass(folder, ['right']), '--out', folder.at('out')], nothing)
  expect(ran.code).toBe(2)
  expect(ran.stderr).toMatch(/sandbox/i)
  expect(ran.stderr).toContain('--sandbox none')
  expect(existsSync(folder.at('out', 'grades.json'))).toBe(false)
})

test('--init writes a rubric, and never over one that is there', async () => {
  using folder = new Folder()
  const file = folder.at('rubric.yaml')
  expect((await labCommand(['grade', '--init', '--rubric', file])).code).toBe(0)
  expect(readFileSync(file, 'utf8')).toContain('percentADay')
  writeFileSync(file, 'mine')
  expect((await labCommand(['grade', '--init', '--rubric', file])).code).toBe(2)
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('a rubric that is wrong is told before anything is judged', async () => {
  using folder = new Folder()
  writeFileSync(folder.at('rubric.yaml'), 'version: 1\npoint: 3\n')
  const ran = await labCommand(['grade', writeClass(folder, ['right']), '--rubric', folder.at('rubric.yaml')])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toContain("line 2: 'point'")
})

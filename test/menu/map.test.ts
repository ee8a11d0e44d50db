import { expect, test } from 'vitest'
import { MAP_COLUMNS, MAP_ROWS, MILESTONES, PIECES } from '../../lab/lessons/map.ts'
import { mapLines } from '../../lab/menu/map.ts'
import { overview } from '../../lab/menu/overview.ts'
import { recordReport } from '../../lab/progress/record.ts'
import { stateFolder } from '../../lab/progress/store.ts'
import { ROOT } from '../../lab/root.ts'
import { emptyProject } from '../lessons/scratch.ts'
import { RABBITMQ, report } from './fakes.ts'

const THEME = { width: 80, colour: false, unicode: true }

/** The lessons of the lab, of which the first so many have passed. */
async function passed(count: number) {
  using project = emptyProject()
  const state = stateFolder(project.root)
  const all = (await overview(ROOT, state)).lessons.map(({ lesson }) => lesson.name)
  for (const name of all.slice(0, count)) {
    await recordReport(project.root, report(name, 'passed'), RABBITMQ, 'x')
  }
  return overview(ROOT, state)
}

test('every lesson adds its pieces, and they stay within the picture', () => {
  const numbers = Array.from({ length: 14 }, (_, i) => i + 1)
  expect(MILESTONES.map(({ lesson }) => lesson)).toEqual(numbers)
  expect(new Set(PIECES.map(({ lesson }) => lesson))).toEqual(new Set([0, ...numbers]))
  for (const { row, column, text } of PIECES) {
    expect(row).toBeLessThan(MAP_ROWS)
    expect(column + text.length).toBeLessThanOrEqual(MAP_COLUMNS)
  }
})

test.each([3, 8, 14])('the picture after lesson %i', async (count) => {
  const lines = mapLines(await passed(count - 1), count, THEME)
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/map-${String(count).padStart(2, '0')}.txt`)
})

test('with all lessons passed the whole cluster is up; where only ASCII shows, it is ASCII', async () => {
  const lines = mapLines(await passed(14), 14, { ...THEME, unicode: false })
  expect(lines.at(-1)).toBe('The whole cluster is up: 14 of 14 lessons passed.')
  expect(lines.join('\n')).toMatch(/^[\x20-\x7e\n]*$/)
})

test('where there is no room for the picture, the sentence is enough', async () => {
  expect(mapLines(await passed(2), 3, { ...THEME, width: 59 })).toEqual([
    'You are here: lesson 3 adds the durable queue.',
  ])
})

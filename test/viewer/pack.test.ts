import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { aboutMarks, packedShow } from '../../lab/viewer/pack.ts'
import type { Film } from '../../lab/viewer/shared/film.ts'
import { showOf } from '../../lab/viewer/show.ts'
import { delivery, opened, recording } from './recordings.ts'

const played = ['first', 'second', 'third'].map((name) => {
  const deliveries = Array.from({ length: 50 }, (_, nth) => delivery(nth + 1, `${name} ${nth}`)).flat()
  return { name, recordings: [{ ...recording(opened(), deliveries), scenario: name }] }
})
const show = showOf(played, [
  { step: 1, title: 'fails', verdict: 'failed', scenarios: ['second', 'third'] },
  { step: 2, title: 'passes', verdict: 'passed', scenarios: ['first'] },
])

function filmIn({ packed }: { packed: string }): Film {
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString()) as Film
}

test('a packed film is the film, and a fraction of it', () => {
  const { scenes, marks } = packedShow(show, Number.POSITIVE_INFINITY)
  expect(scenes.map(filmIn)).toEqual(show.scenes.map(({ films }) => films[0]))
  expect(scenes.map(({ name }) => name)).toEqual(['first', 'second', 'third'])
  expect(marks).toEqual(show.marks)
  expect(JSON.stringify(scenes).length).toBeLessThan(JSON.stringify(show.scenes).length / 10)
})

test('where there is no room for all, what matters most is there, and no mark leads to what is not', () => {
  const room = packedShow(show, Number.POSITIVE_INFINITY).scenes[2]?.packed.length ?? 0
  const { scenes, marks } = packedShow(show, room, (scene) => scene === 2)
  expect(scenes.map(({ name }) => name)).toEqual(['third'])
  expect(marks.map(({ decided }) => decided)).toEqual([[{ scene: 0 }], []])
  expect(packedShow(show, 0).scenes).toEqual([])
})

test('of what some marks are about, the scenes that they lead to are left', () => {
  const { scenes, marks } = aboutMarks(packedShow(show, Number.POSITIVE_INFINITY), (title) => title === 'fails')
  expect(scenes.map(({ name }) => name)).toEqual(['second', 'third'])
  expect(marks).toMatchObject([{ title: 'fails', decided: [{ scene: 0 }, { scene: 1 }] }])
})

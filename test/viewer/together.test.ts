import { expect, test } from 'vitest'
import type { Link } from '../../lab/viewer/shared/film.ts'
import { partnerOf } from '../../lab/viewer/shared/together.ts'

/** left 0 1 2 3 4 5, right 0 1 2 3 4 5 6 7: 1 is 1, and 3 is 6. */
const LINKS: Link[] = [
  [1, 1],
  [3, 6],
]

test('two recordings are at what they have in common, and move on side by side between that', () => {
  expect([0, 1, 2, 3, 4, 5].map((moment) => partnerOf(LINKS, 0, moment, 7))).toEqual([0, 1, 2, 6, 7, 7])
})

test('the other one may lead', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((moment) => partnerOf(LINKS, 1, moment, 5))).toEqual([0, 1, 2, 2, 2, 2, 3, 4])
})

test('where they have nothing in common they go step by step, to the end of the shorter one', () => {
  expect([0, 1, 5].map((moment) => partnerOf([], 0, moment, 3))).toEqual([0, 1, 3])
})

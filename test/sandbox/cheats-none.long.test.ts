import { expect, test } from 'vitest'
import { allCheats } from './cheats.ts'
import { proveCheats } from './prove-cheats.ts'

test('there are at least forty cheats, and each says what it tries', () => {
  const cheats = allCheats()
  expect(cheats.length).toBeGreaterThanOrEqual(40)
  expect(cheats.filter(({ tries }) => tries === '')).toEqual([])
})

await proveCheats('none')

import { expect, test } from 'vitest'
import { fold } from '../../lab/compare/fold.ts'

/** Letters: a dot is alike, anything else differs; what is left out shows as its number. */
function folded(rows: string): string {
  return fold([...rows], (row) => row === '.', 2)
    .map((each) => ('folded' in each ? `<${each.folded}>` : each.row))
    .join('')
}

test.each([
  ['.....x.....', '<3>..x..<3>'],
  ['....x....', '....x....'],
  ['x......x', 'x......x'],
  ['x.......x', 'x..<3>..x'],
  ['..........', '<10>'],
  ['..', '..'],
  ['xyz', 'xyz'],
  ['x', 'x'],
  ['', ''],
])('%s is folded to %s', (rows, shown) => {
  expect(folded(rows)).toBe(shown)
})

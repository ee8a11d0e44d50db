import { expect, test } from 'vitest'
import { compareCode, isSame } from '../../lab/compare/code.ts'
import { codeText } from '../../lab/compare/code-text.ts'
import { wordDifference } from '../../lab/compare/words.ts'
import { widthOf } from '../../lab/text/wrap.ts'
import { SOLUTION, YOURS } from './sources.ts'

const LOOKS = {
  'two-columns': { width: 120, colour: false, unicode: true },
  'two-columns-colour': { width: 120, colour: true, unicode: true },
  'two-columns-ascii': { width: 100, colour: false, unicode: false },
  'one-column': { width: 80, colour: false, unicode: true },
  'one-column-60-ascii': { width: 60, colour: false, unicode: false },
}

test.each(Object.entries(LOOKS))('the difference as it is shown: %s', async (name, theme) => {
  const lines = codeText(compareCode(YOURS, SOLUTION), theme)
  for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(theme.width)
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/code-${name}.txt`)
})

test('every line of both files stands in a row, in order', () => {
  const rows = compareCode(YOURS, SOLUTION)
  const texts = (side: 'left' | 'right') =>
    rows.flatMap((row) => (row[side] ? [row[side].pieces.map(({ text }) => text).join('')] : []))
  expect(texts('left')).toEqual(YOURS.trimEnd().split('\n'))
  expect(texts('right')).toEqual(SOLUTION.trimEnd().split('\n'))
})

test('a version of a line stands beside it, with the words that differ', () => {
  const [row] = compareCode("console.error('The task failed:', error)", "console.error('The task comes back:', error)")
  expect(row?.left?.pieces.filter(({ changed }) => changed)).toEqual([{ text: 'failed', changed: true }])
  expect(row?.right?.pieces.filter(({ changed }) => changed)).toEqual([{ text: 'comes back', changed: true }])
})

test('lines that share nothing are no versions of each other', () => {
  const [row] = compareCode('return 1', 'throw new Error(reason)')
  expect(row?.left?.change).toBe('whole')
  expect(row?.right?.change).toBe('whole')
})

test('words are compared whatever their letters, and indentation is not', () => {
  const { left, right } = wordDifference("  const größe = '東京'", "const größe = '京都'")
  expect(left).toEqual([
    { text: "  const größe = '", changed: false },
    { text: '東京', changed: true },
    { text: "'", changed: false },
  ])
  expect(right[1]).toEqual({ text: '京都', changed: true })
})

test('line ends and indentation make no difference', () => {
  const rows = compareCode('if (a) {\r\n\tb()\r\n}\r\n', 'if (a) {\n  b()\n}')
  expect(rows.every(isSame)).toBe(true)
  expect(codeText(rows, LOOKS['one-column'])).toEqual(['The two files are the same.'])
})

test('an empty file has a comparison, too', () => {
  const lines = codeText(compareCode('', SOLUTION), LOOKS['two-columns'])
  expect(lines.join('\n')).toContain(' + import { type Channel }')
})

test('a submission can not write to the terminal by its source', () => {
  const text = codeText(compareCode('const a = 1 // \u001b[2Jgone\u202e', 'const b = 2'), LOOKS['two-columns']).join(
    '\n',
  )
  expect(text).not.toContain('\u001b')
  expect(text).not.toContain('\u202e')
  expect(text).toContain('␛[2Jgone\\u{202e}')
})

test('a huge file of other lines is compared in no time', () => {
  const huge = Array.from({ length: 20_000 }, (_, index) => `const line${index} = ${index}`).join('\n')
  const begun = performance.now()
  expect(compareCode(huge, SOLUTION).length).toBeGreaterThanOrEqual(20_000)
  expect(performance.now() - begun).toBeLessThan(5_000)
})

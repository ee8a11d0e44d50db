import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { renderMarkdown } from '../../lab/text/markdown.ts'
import type { Theme } from '../../lab/text/theme.ts'
import { widthOf } from '../../lab/text/wrap.ts'

const SAMPLE = readFileSync(join(import.meta.dirname, 'sample.md'), 'utf8')
const PLAIN: Theme = { width: 80, colour: false, unicode: true }

const LOOKS: [string, Theme][] = [
  ['80', PLAIN],
  ['60', { ...PLAIN, width: 60 }],
  ['80-ascii', { ...PLAIN, unicode: false }],
  ['60-ascii', { ...PLAIN, width: 60, unicode: false }],
  ['80-colour', { ...PLAIN, colour: true }],
]

test.each(LOOKS)('a lesson looks as it did: %s', async (name, theme) => {
  await expect(renderMarkdown(SAMPLE, theme)).toMatchFileSnapshot(`golden/sample-${name}.txt`)
})

test.each(LOOKS)('nothing but program text and addresses is wider than the window: %s', (_, theme) => {
  const wide = renderMarkdown(SAMPLE, theme)
    .split('\n')
    .filter((line) => widthOf(line) > theme.width)
  expect(wide.filter((line) => !line.startsWith('    ') && !line.includes('https://'))).toEqual([])
})

test('colour changes no word', () => {
  const coloured = stripVTControlCharacters(renderMarkdown(SAMPLE, { ...PLAIN, colour: true }))
  // Without colour, backticks show what is code; the wrapping differs by them.
  const words = (text: string) =>
    text
      .replaceAll('`', '')
      .split(/\s+/)
      .filter((word) => !/^─+$/.test(word))
      .sort()
  expect(words(coloured)).toEqual(words(renderMarkdown(SAMPLE, PLAIN)))
})

test('where only ASCII shows there is only ASCII, letters of other languages excepted', () => {
  const ascii = renderMarkdown(SAMPLE, { ...PLAIN, unicode: false })
  expect(ascii).toMatch(/^[\n\x20-\x7e]*$/)
  expect(renderMarkdown('“naïve” – …', { ...PLAIN, unicode: false })).toBe('"naïve" - ...\n')
})

test('a diagram that can not be read is shown as it is written', () => {
  const text = renderMarkdown('```mermaid\nsequenceDiagram\n  what is this\n```', PLAIN)
  expect(text).toBe('    sequenceDiagram\n      what is this\n')
})

test('a diagram of another kind is shown as it is written', () => {
  expect(renderMarkdown('```mermaid\ngraph TD\n  A --> B\n```', PLAIN)).toBe('    graph TD\n      A --> B\n')
})

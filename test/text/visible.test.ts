import { expect, test } from 'vitest'
import { visible, visibleBegin, visibleLines } from '../../lab/text/visible.ts'
import { widthOf } from '../../lab/text/wrap.ts'

test.each([
  ['escape codes', '\u001b[2J\u001b[H✔ Passed', '␛[2J␛[H✔ Passed'],
  ['a title of the window', '\u001b]0;passed\u0007', '␛]0;passed␇'],
  ['a line that writes over itself', 'failed\rpassed\b\b', 'failed␍passed␈␈'],
  ['the one-byte codes of eight-bit terminals', '\u009b2J\u0085', '\\u{9b}2J\\u{85}'],
  ['DEL and NUL', 'a\u007fb\u0000c', 'a␡b␀c'],
  ['line ends of every kind', 'a\nb\u2028c\u2029d', 'a␊b\\u{2028}c\\u{2029}d'],
  ['text that runs the other way', '\u202edessaP\u202c \u2066x\u2069', '\\u{202e}dessaP\\u{202c} \\u{2066}x\\u{2069}'],
  ['what takes no room', 'ta\u200bsks\ufeff\u00ad\u2060', 'ta\\u{200b}sks\\u{feff}\\u{ad}\\u{2060}'],
  ['what looks like a space, or hides a message', '\u3164\u{e0041}', '\\u{3164}\\u{e0041}'],
  ['halves of characters', '\ud83d and \udca9', '\\u{d83d} and \\u{dca9}'],
  ['tabs', 'a\tb', 'a  b'],
])('%s can be seen', (_title, text, shown) => {
  expect(visible(text)).toBe(shown)
  expect(visible(shown)).toBe(shown)
})

test.each(['Größe ändern: café.jpg', '翻訳する: 東京', 'e\u0301', '🧾 ❤️ 👩‍💻 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿', '␛ [1] ✔ – …', 'עברית עם English'])(
  'words of any language and emoji stay: %s',
  (text) => expect(visible(text)).toBe(text),
)

test('lines stay where they are expected, and nothing else does', () => {
  expect(visibleLines('a\r\nb\n\u001b[Ac\rd')).toBe('a\nb\n␛[Ac␍d')
})

test('what can be seen takes as much room as it is drawn in', () => {
  const text = visible('\u001b[31mred\u001b[0m\u200b\u202e\u0007')
  expect(widthOf(text)).toBe([...text].length)
})

test('of a text without end there is the beginning, and how much more there is', () => {
  const text = visibleBegin(`boom ${'x'.repeat(100_000)}`)
  expect(text).toMatch(/^boom x{595}… \(of 100005 characters\)$/)
  expect(visibleBegin(text)).toBe(text)
  expect(visibleBegin(`${'x'.repeat(599)}🧾${'x'.repeat(200)}`)).toBe(`${'x'.repeat(599)}… (of 801 characters)`)
  expect(visibleBegin('\u202e'.repeat(100_000)).length).toBeLessThan(700)
})

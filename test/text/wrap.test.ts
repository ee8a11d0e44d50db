import { expect, test } from 'vitest'
import { wrap } from '../../lab/text/wrap.ts'

const hard = (text: string, width: number) => wrap(text, width, { hard: true })

test('JSON that is too long is broken behind its commas, and behind a colon where it must be', () => {
  const text = 'asks for connect (options {"delayMs":20,"maxDelayMs":100})'
  expect(hard(text, 26)).toEqual(['asks for connect (options', '{"delayMs":20,', '"maxDelayMs":100})'])
  expect(hard('{"amqpUrl":"amqp://localhost"}', 20)).toEqual(['{"amqpUrl":', '"amqp://localhost"}'])
})

test('the name of a method is broken behind its dot, an address behind its slashes', () => {
  expect(hard('connection.start-ok (x)', 18)).toEqual(['connection.', 'start-ok (x)'])
  expect(hard('https://example.org/a/long/path', 20)).toEqual(['https://example.org/', 'a/long/path'])
})

test('what has no such place is broken where the line ends', () => {
  expect(hard('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij'])
})

test('without hard a word that is too long stays whole, and can be copied', () => {
  expect(wrap('see https://example.org/a/long/path', 20)).toEqual(['see', 'https://example.org/a/long/path'])
})

test.each([1, 2, 5, 9, 13, 40])('in %i columns nothing is wider, and nothing is lost', (width) => {
  const text = 'call (config {"a":1,"b":["x.y","z-z"]}, url amqp://u:p@host:1/v%20h) 翻訳する'
  const lines = hard(text, width)
  expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  if (width > 1) for (const line of lines) expect(hard(line, width)).toEqual([line])
})

import { expect, test } from 'vitest'
import { bar } from '../../lab/text/bar.ts'
import { symbolsOf } from '../../lab/text/symbols.ts'
import { table } from '../../lab/text/table.ts'
import { type Theme, themeOf } from '../../lab/text/theme.ts'
import { indent, wrap } from '../../lab/text/wrap.ts'

const PLAIN: Theme = { width: 30, colour: false, unicode: true }
const TTY = { isTTY: true, columns: 90 }
const UTF8 = { LANG: 'en_GB.UTF-8', TERM: 'xterm-256color' }

test.each<[string, { isTTY?: boolean; columns?: number }, NodeJS.ProcessEnv, Theme]>([
  ['a terminal', TTY, UTF8, { width: 90, colour: true, unicode: true }],
  ['a pipe', {}, UTF8, { width: 80, colour: false, unicode: true }],
  ['NO_COLOR', TTY, { ...UTF8, NO_COLOR: '1' }, { width: 90, colour: false, unicode: true }],
  ['an empty NO_COLOR', TTY, { ...UTF8, NO_COLOR: '' }, { width: 90, colour: true, unicode: true }],
  ['FORCE_COLOR in a pipe', {}, { ...UTF8, FORCE_COLOR: '1' }, { width: 80, colour: true, unicode: true }],
  ['FORCE_COLOR=0', TTY, { ...UTF8, FORCE_COLOR: '0' }, { width: 90, colour: false, unicode: true }],
  ['a dumb terminal', TTY, { ...UTF8, TERM: 'dumb' }, { width: 90, colour: false, unicode: false }],
  ['the C locale', TTY, { LANG: 'C', TERM: 'xterm' }, { width: 90, colour: true, unicode: false }],
  ['LC_ALL before LANG', TTY, { ...UTF8, LC_ALL: 'POSIX' }, { width: 90, colour: true, unicode: false }],
  ['a very wide terminal', { isTTY: true, columns: 300 }, UTF8, { width: 100, colour: true, unicode: true }],
  ['a very narrow one', { isTTY: true, columns: 12 }, UTF8, { width: 40, colour: true, unicode: true }],
])('the look of %s', (_, stream, env, theme) => {
  expect(themeOf(stream, env, 'linux')).toEqual(theme)
})

test('Windows and macOS say otherwise what they can show', () => {
  expect(themeOf(TTY, { WT_SESSION: 'x' }, 'win32').unicode).toBe(true)
  expect(themeOf(TTY, {}, 'win32').unicode).toBe(false)
  expect(themeOf(TTY, {}, 'darwin').unicode).toBe(true)
})

test('every symbol has an ASCII one', () => {
  expect(JSON.stringify(symbolsOf({ unicode: false }))).toMatch(/^[\x20-\x7e]*$/)
})

test('a bar is full when all is done, and only then', () => {
  expect(bar(0, 5, PLAIN, 10)).toBe('░░░░░░░░░░ 0 of 5')
  expect(bar(4, 5, PLAIN, 10)).toBe('████████░░ 4 of 5')
  expect(bar(99, 100, PLAIN, 10)).toBe('█████████░ 99 of 100')
  expect(bar(5, 5, { ...PLAIN, unicode: false }, 10)).toBe('########## 5 of 5')
  expect(bar(0, 0, PLAIN, 4)).toBe('░░░░ 0 of 0')
})

test('a table wraps the cells of its widest column', () => {
  const rows = [['kind', 'why'], ['container', 'Docker does not answer: is it running?'], ['native']]
  expect(table(rows, PLAIN, { head: true })).toEqual([
    'kind       why',
    '─────────  ───────────────────',
    'container  Docker does not',
    '           answer: is it',
    '           running?',
    'native',
  ])
})

test('words are wrapped, long addresses stay whole, the indentation hangs', () => {
  const address = 'https://example.org/a-very-long-address'
  expect(wrap(`see ${address} for more`, 20)).toEqual(['see', address, 'for more'])
  expect(wrap('abcdefgh', 4, { hard: true })).toEqual(['abcd', 'efgh'])
  expect(indent(['one', '', 'two'], '* ')).toEqual(['* one', '', '  two'])
})

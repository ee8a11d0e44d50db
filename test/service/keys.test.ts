import { expect, test } from 'vitest'
import { type Draft, draftOf, edit, type Key, textOf } from '../../lab/service/editor.ts'
import { deedOf, help, KEYS, keyLine, typed } from '../../lab/service/keys.ts'

test('a line is a task, word for word; one with a slash is a command, by its name or its key', () => {
  expect(typed('  resize a photo.. ')).toEqual({ task: '  resize a photo.. ' })
  expect(typed('kill')).toEqual({ task: 'kill' })
  expect(typed('/kill')).toEqual({ deed: 'kill' })
  expect(typed('/K ')).toEqual({ deed: 'kill' })
  expect(typed('/home/ada/photo.png')).toEqual({ unknown: '/home/ada/photo.png' })
  expect(typed('/')).toEqual({ unknown: '/' })
  expect(typed('   ')).toBeUndefined()
})

test('every key is one of its own, and all stand in a line of 60 columns', () => {
  expect(new Set(KEYS.map(({ key }) => key)).size).toBe(KEYS.length)
  for (const { key, deed } of KEYS) expect(deedOf(key)).toBe(deed)
  expect(deedOf('z')).toBeUndefined()
  expect(keyLine(false).length).toBeLessThan(60)
  for (const line of help(true, true)) expect(line.length).toBeLessThan(80)
})

/** What comes of a line when keys are pressed; '|' stands where the cursor does. */
function pressed(before: string, ...keys: (string | Key)[]): string {
  let draft: Draft = { ...draftOf(before.replace('|', '')), at: [...before].indexOf('|') }
  for (const key of keys) draft = typeof key === 'string' ? edit(draft, key, {}) : edit(draft, key.sequence, key)
  const { at } = draft
  const characters = [...textOf(draft)]
  return [...characters.slice(0, at), '|', ...characters.slice(at)].join('')
}

test.each<[string, (string | Key)[], string]>([
  ['|', ['a', 'b', 'c'], 'abc|'],
  ['a photo|', [{ name: 'backspace' }], 'a phot|'],
  ['|a', [{ name: 'backspace' }], '|a'],
  ['a|bc', [{ name: 'delete' }], 'a|c'],
  ['ab|', [{ name: 'left' }, 'x', { name: 'right' }, { name: 'right' }], 'axb|'],
  ['ab|c', [{ name: 'home' }, 'x'], 'x|abc'],
  ['|abc', [{ name: 'e', ctrl: true }, '!'], 'abc!|'],
  ['resize a photo |now', [{ name: 'w', ctrl: true }], 'resize a |now'],
  ['resize| now', [{ name: 'u', ctrl: true }], '| now'],
  ['a|', ['ü🖼'], 'aü🖼|'],
  ['a🖼|', [{ name: 'backspace' }], 'a|'],
  ['a|', ['\u001b', { name: 'f5', sequence: '\u001b[15~' }, { name: 'b', meta: true, sequence: '\u001bb' }], 'a|'],
])('%j and %j make %j', (before, keys, after) => {
  expect(pressed(before, ...keys)).toBe(after)
})

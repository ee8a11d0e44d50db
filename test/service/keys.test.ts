import { render } from '@inquirer/testing'
import { expect, test } from 'vitest'
import { type TaskInput, taskInput } from '../../lab/service/input.ts'
import { type Deed, deedOf, help, KEYS, keyLine, typed } from '../../lab/service/keys.ts'

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
  expect(keyLine(undefined).length).toBeLessThan(60)
  for (const several of ['workers', 'nodes'] as const) {
    expect(keyLine(several).length).toBeLessThan(60)
    for (const line of help(true, several)) expect(line.length).toBeLessThan(80)
  }
})

test('a cluster of nodes is not restarted as a whole, and a service alone has neither nodes nor workers', () => {
  expect(help(true, 'nodes').join('\n')).not.toContain('/restart')
  expect(help(true, 'nodes').join('\n')).toContain('/node')
  expect(help(true, undefined).join('\n')).not.toMatch(/\/node|\/worker/)
  expect(keyLine('workers')).not.toContain('trace')
  expect(help(true, 'workers').join('\n')).toContain('/trace')
})

/** The line that is typed, as Inquirer's testing kit shows it. */
async function typing() {
  const lines: string[] = []
  const deeds: Deed[] = []
  const ending = new AbortController()
  let back = () => {}
  const config: TaskInput = {
    line: (text) => lines.push(text),
    deed: (deed) => deeds.push(deed),
    around: (awaitsKey) => ({ above: ['running'], below: awaitsKey ? keyLine(undefined) : 'each dot is a second' }),
    listen: () => () => {},
    onEscape: (goesBack) => {
      back = goesBack
      return () => {}
    },
  }
  const shown = await render(taskInput, config, { signal: ending.signal })
  shown.answer.catch(() => {})
  return { lines, deeds, goBack: () => back(), ...shown, [Symbol.dispose]: () => ending.abort() }
}

test('a line begins with any letter, and Enter hands it over', async () => {
  using line = await typing()
  const { events, getScreen, lines, deeds } = line
  expect(getScreen()).toBe('running\ntask>\neach dot is a second')
  events.type('keep')
  expect(getScreen()).toBe('running\ntask> keep')
  events.keypress('enter')
  expect(getScreen()).toBe('running\ntask>\neach dot is a second')
  expect(lines).toEqual(['keep'])
  expect(deeds).toEqual([])
})

test('Tab makes the next letter a key, and what was typed stays', async () => {
  using line = await typing()
  const { events, getScreen, lines, deeds } = line
  events.type('half a ta')
  events.keypress('tab')
  expect(getScreen()).toContain('k kill  s start')
  events.type('k')
  expect(deeds).toEqual(['kill'])
  events.type('sk')
  expect(getScreen()).toBe('running\ntask> half a task')
  events.keypress('enter')
  expect(lines).toEqual(['half a task'])
})

test('Esc takes back the Tab, then what was typed, then the run', async () => {
  using line = await typing()
  const { events, getScreen, deeds, goBack } = line
  events.type('half')
  events.keypress('tab')
  goBack()
  expect(getScreen()).not.toContain('k kill')
  goBack()
  expect(getScreen()).toBe('running\ntask>\neach dot is a second')
  events.type('k')
  expect(getScreen()).toBe('running\ntask> k')
  goBack()
  expect(deeds).toEqual([])
  goBack()
  expect(deeds).toEqual(['quit'])
})

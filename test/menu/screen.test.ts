import { render } from '@inquirer/testing'
import { expect, test } from 'vitest'
import { cut, fitted, folded, type ScreenOptions, screenPrompt, show } from '../../lab/menu/screen.ts'
import { Window } from '../../lab/menu/window.ts'
import { Terminal } from './terminal.ts'

const THEME = { width: 40, colour: false, unicode: true }

/** A window of ten rows that nobody draws: the testing kit of Inquirer's is the screen. */
function options(key: ScreenOptions<string>['key'], body: () => string[]) {
  const listeners = new Set<(isResized: boolean) => void>()
  const window = {
    size: { rows: 10, columns: 40 },
    listen(redraw: (isResized: boolean) => void) {
      listeners.add(redraw)
      return () => listeners.delete(redraw)
    },
    onEscape: () => () => {},
  }
  const config: ScreenOptions<string> = {
    window,
    theme: () => THEME,
    view: () => ({ id: 'text', body: body(), foot: ['q quit'] }),
    key,
  }
  const redraw = () => {
    for (const each of listeners) each(false)
  }
  return { config, redraw, listeners }
}

const LINES = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`)

test('a screen shows what fits, scrolls, changes by itself, and returns what a key leads to', async () => {
  let body = LINES
  const { config, redraw, listeners } = options(
    (key) => (key === 'q' ? 'quit' : undefined),
    () => body,
  )
  const { answer, events, getScreen, nextRender } = await render(screenPrompt, config as ScreenOptions<unknown>)
  expect(getScreen()).toContain('line 8\n── 12 more lines, Space goes on ──\nq quit')
  events.keypress('down')
  await nextRender()
  expect(getScreen()).toMatch(/^line 2\n/)
  events.keypress('end')
  await nextRender()
  expect(getScreen()).toContain('line 20\n── the end; the up arrow goes back ──')
  body = ['a verdict']
  redraw()
  await nextRender()
  expect(getScreen()).toContain('a verdict')
  events.keypress('q')
  expect(await answer).toBe('quit')
  expect(listeners.size).toBe(0)
})

test('code that is too wide goes on behind a mark, and other lines end with a whole word', () => {
  expect(folded('    const connection = await connect(url)', 20, THEME)).toEqual([
    '    const',
    '↪ connection = await',
    '↪ connect(url)',
  ])
  expect(cut('Watching exercise.ts: each save is checked.', 30, THEME)).toBe('Watching exercise.ts: each…')
  expect(cut('short', 30, THEME)).toBe('short')
})

test('the foot stays, however small the window', () => {
  const { lines } = fitted({ id: '', body: LINES, foot: ['one', 'two'] }, { rows: 4, columns: 40 }, 0, THEME)
  expect(lines).toEqual(['line 1', '── 19 more lines, Space goes on ──', 'one', 'two'])
})

test.each([79, 80])('a first line of %i columns in a window of 80 moves no other', async (length) => {
  using terminal = new Terminal({ rows: 10 })
  using window = new Window(terminal, { interrupt: () => {}, end: () => {} })
  const { config } = options(
    (key) => key,
    () => ['x'.repeat(length), 'the second line', ...LINES],
  )
  const left = show({ ...config, theme: () => ({ ...THEME, width: 80 }), window }, new AbortController().signal)
  expect(await terminal.shows('q quit')).toMatch(/^x+\nthe second line\nline 1\n/)
  terminal.press('q')
  expect(await left).toBe('q')
})

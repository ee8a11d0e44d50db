import { expect, test } from 'vitest'
import { drawScreencast } from '../../lab/authors/screencast.ts'

const SIZE = { columns: 20, rows: 3 }
const RED = '\x1b[31m'
const PLAIN = '\x1b[0m'

test('a film shows each of its frames for its share of the time, and then stays with the last', () => {
  const svg = drawScreencast(
    [
      { screen: 'one', ms: 250 },
      { screen: 'two', ms: 750 },
    ],
    SIZE,
  )
  expect(svg).toContain('animation:film 1000ms')
  expect(svg).toContain('0.00%{transform:translateY(0px)}25.00%{transform:translateY(-82px)}100%')
})

test('words stand in their columns, in their colours, and a colour goes on in the next line', () => {
  const svg = drawScreencast([{ screen: `${RED}\x1b[49ma  <b>\nc${PLAIN} d`, ms: 1000 }], SIZE)
  const texts = [...svg.matchAll(/<text x="([\d.]+)"[^>]*?( fill="[^"]+")?>([^<]*)</g)].map(([, x, fill, text]) => [
    x,
    fill !== undefined,
    text,
  ])
  expect(texts).toEqual([
    ['0.0', true, 'a'],
    ['25.2', true, '&lt;b&gt;'],
    ['0.0', true, 'c'],
    ['16.8', false, 'd'],
  ])
})

test('where motion is not wanted, the last frame stands still', () => {
  const svg = drawScreencast(
    [
      { screen: 'one', ms: 1 },
      { screen: 'two', ms: 1 },
    ],
    SIZE,
  )
  expect(svg).toContain('@media (prefers-reduced-motion:reduce){.film{animation:none;transform:translateY(-82px)}}')
})

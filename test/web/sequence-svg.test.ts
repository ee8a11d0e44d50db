import { expect, test } from 'vitest'
import { lessons, textOf } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { parseSequence } from '../../lab/text/mermaid.ts'
import { widthOf } from '../../lab/text/wrap.ts'
import { sequenceSvg, sequenceWords } from '../../lab/web/sequence-svg.ts'
import { textHtml } from '../../lab/web/text.ts'

const SOURCE = `sequenceDiagram
  participant S as <shop>
  participant B as broker
  S->>B: publish "1"
  loop until it answers
    S-xB: connect
    B-->>B: counts
  end
  note over S,B: 翻訳`

test('a screen reader says a diagram’s rows in order', () => {
  expect(sequenceWords(parseSequence(SOURCE))).toBe(
    '<shop> to broker: publish "1". loop until it answers: <shop> to broker: connect (never arrives). broker to broker: counts. <shop> and broker: 翻訳.',
  )
})

test('names and texts of a diagram are text, never markup', () => {
  const svg = sequenceSvg(parseSequence(SOURCE))
  expect(svg).toContain('&lt;shop&gt;')
  expect(svg).toContain('publish &quot;1&quot;')
  expect(svg).not.toContain('<shop>')
})

test.each(await lessons(ROOT))('the diagrams of $name are pictures, with nothing outside of them', async (lesson) => {
  const pictures = textHtml(await textOf(lesson)).match(/<svg.*?<\/svg>/gs) ?? []
  expect(pictures.length).toBeGreaterThan(0)
  for (const picture of pictures) {
    const width = Number(/width="(\d+)"/.exec(picture)?.[1])
    for (const [, x = '', wide = ''] of picture.matchAll(/<rect [^>]*?x="([\d.-]+)"[^>]*? width="([\d.]+)"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0)
      expect(Number(x) + Number(wide)).toBeLessThanOrEqual(width)
    }
    for (const [, x = '', text = ''] of picture.matchAll(/<text x="([\d.-]+)"[^>]* class="middle"[^>]*>(.*?)</g)) {
      const half = (widthOf(text.replace(/&#?\w+;/g, ' ')) * 7.25) / 2
      expect(Number(x) - half).toBeGreaterThanOrEqual(0)
      expect(Number(x) + half).toBeLessThanOrEqual(width)
    }
  }
})

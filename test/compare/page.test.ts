import { expect, test } from 'vitest'
import { comparisonPage } from '../../lab/compare/page.ts'
import { comparisonText } from '../../lab/compare/text.ts'
import type { Show } from '../../lab/viewer/shared/film.ts'
import { comparison } from './comparison.ts'
import { YOURS } from './sources.ts'

const EVIL = `</td></script><script>alert('x')</script><img src="http://evil.example/x.png" onerror='x()'>`

test.each([
  ['80', { width: 80, colour: false, unicode: true }],
  ['120', { width: 120, colour: false, unicode: true }],
])('the whole comparison in a terminal of %s columns', async (name, theme) => {
  await expect(comparisonText(comparison(), theme)).toMatchFileSnapshot(`golden/comparison-${name}.txt`)
})

test('where nothing falls short there are no traces, and it says so', () => {
  const text = comparisonText(comparison({ passed: true }), { width: 80, colour: false, unicode: true })
  expect(text).toContain('Yours:        passed, all 2 expectations.')
  expect(text).toContain('fails no expectation')
  expect(text).not.toContain('Scenario:')
})

test('the page says the same as the text', () => {
  const page = comparisonPage(comparison())
  expect(page).toContain('not yet, 1 of 2 expectations failed, step 2 first.')
  expect(page).toContain('acknowledges a task when its work is done')
  expect(page).toContain('Scenario: two tasks')
  expect(page).toContain('basic.ack (deliveryTag 1)')
  expect(page).toContain('The ack stands <em>behind</em> the <code>try</code>.')
  expect(page).toMatch(/<mark><span class="hljs-string">goes back to the queue<\/span><\/mark>/)
})

/** The page without the viewer's script, style and data: test/viewer looks at these. */
function markup(page: string): string {
  return page
    .replace(/<script type="module">[\s\S]*?<\/script>/, '')
    .replace(/<script type="application\/json">[^<]*<\/script>/, '')
    .replace(/<style>\/\* The viewer [\s\S]*?<\/style>/, '')
}

test('the page needs nothing from elsewhere', () => {
  const page = comparisonPage(comparison({ notes: '![a picture](http://example.org/x.png)\n<script>1</script>\n' }))
  expect(markup(page)).not.toMatch(/<(script|link|img|iframe|object|embed|base)\b/)
  expect(markup(page)).not.toMatch(/<[^>]*\s(src|srcset|onerror|onload)=/)
  expect(markup(page)).not.toMatch(/url\(|@import/)
  expect(page).toContain("default-src 'none'")
  expect(page).not.toContain('unsafe-inline')
})

test('whatever a submission says, it stays text', () => {
  const page = markup(comparisonPage(comparison({ source: `${YOURS}// ${EVIL}\n`, message: EVIL, task: EVIL })))
  expect(page).not.toMatch(/<(script|img)\b/)
  expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)')
  // Everything that is opened is closed, in order.
  const open: string[] = []
  for (const [, end, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (/^(meta|col|br|hr)$/.test(name)) continue
    if (end === '') open.push(name)
    else expect(open.pop()).toBe(name)
  }
  expect(open).toEqual([])
})

test('both recordings can be stepped through side by side, and where nothing falls short all of them', () => {
  const data = (page: string) =>
    JSON.parse(/<script type="application\/json">([^<]*)<\/script>/.exec(page)?.[1] ?? '') as Show
  const { names, scenes, marks } = data(comparisonPage(comparison()))
  expect(names).toEqual(['Yours', 'The solution'])
  expect(scenes).toMatchObject([{ name: 'two tasks', links: [[0, 0]] }])
  expect(scenes[0]?.films.map(({ moments }) => moments.length)).toEqual([2, 1])
  expect(marks.map(({ verdict }) => verdict)).toEqual(['passed', 'failed'])
  const passed = data(comparisonPage(comparison({ passed: true })))
  expect(passed.scenes.map(({ name }) => name)).toEqual(['other', 'two tasks'])
})

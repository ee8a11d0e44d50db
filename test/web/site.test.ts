import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { mistakesOf } from '../../lab/authors/mistakes.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { sitePages } from '../../lab/web/site.ts'

const all = await lessons(ROOT)

test('every link of the site leads to a page of it, wherever the site is', async () => {
  const pages = await sitePages(all, new Map([['04-ack-consumer', '<p>seen</p>']]))
  expect(pages.size).toBe(all.length + 2)
  let links = 0
  for (const [path, page] of pages) {
    for (const [, target = ''] of page.matchAll(/(?:href|src)="(?!https?:)([^"#]*)/g)) {
      links++
      expect(target).not.toMatch(/^\//)
      expect(pages.has(posix.join(posix.dirname(path), target))).toBe(true)
    }
    expect(page).not.toMatch(/<form|method="post"/)
  }
  expect(links).toBeGreaterThan(3 * all.length)
})

test('a page of the site runs no script, and fetches nothing from elsewhere', async () => {
  const pages = await sitePages(all, new Map())
  for (const page of pages.values()) {
    expect(page).toContain(`http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-`)
    expect(page).not.toContain('<script')
  }
})

test.each(all)('$name has one classic mistake', async ({ name }) => {
  expect((await mistakesOf(ROOT, name)).filter(({ classic }) => classic)).toHaveLength(1)
})

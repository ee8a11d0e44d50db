import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { sitePages } from '../../lab/web/site.ts'
import { axeOf, HAS_CHROMIUM, openBrowser } from '../viewer/chromium.ts'
import { pageOf } from '../viewer/plays.ts'

const LESSON = '04-ack-consumer'

/** A host that knows nothing but files, with the site in a folder. */
async function hostOf(pages: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const page = pages.get(url.replace(/^\/course\//, ''))
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return server
}

describe.skipIf(!HAS_CHROMIUM)('the site', () => {
  let browser: Browser
  let server: Server
  beforeAll(async () => {
    browser = await openBrowser()
    server = await hostOf(await sitePages(await lessons(ROOT), new Map([[LESSON, pageOf()]])))
  })
  afterAll(async () => {
    await browser?.close()
    server?.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })

  test.each([
    [390, 'light'],
    [1280, 'dark'],
  ] as const)('%i pixels wide, %s: a lesson is read, and its mistake stepped through', async (width, colorScheme) => {
    await using context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('response', (response) => {
      if (!response.ok() && !response.url().endsWith('favicon.ico')) complaints.push(response.url())
    })
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/course/index.html`)
    expect(await overflow()).toBe(0)
    expect(await axeOf(page)).toEqual([])
    await page.getByRole('link', { name: /^04 / }).click()
    await page.locator('.seen').scrollIntoViewIfNeeded()
    const seen = page.frameLocator('.seen')
    await seen.getByRole('button', { name: 'Next step' }).click()
    await page.getByText('The answer').click()
    expect(await overflow()).toBe(0)
    expect(await axeOf(page)).toEqual([])
    await page.getByRole('link', { name: /^05 / }).click()
    await page.getByRole('link', { name: 'All lessons' }).click()
    await page.getByRole('heading', { name: 'Do it yourself' }).waitFor()
    expect(complaints.filter((text) => !text.includes('favicon') && !text.includes('404'))).toEqual([])
  })
})

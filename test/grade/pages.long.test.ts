import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileNameOf, Records, type SubmissionRecord } from '../../lab/grade/record.ts'
import { writeResults } from '../../lab/grade/results.ts'
import { axeOf, HAS_CHROMIUM, openBrowser } from '../viewer/chromium.ts'
import { EVIL, lessonRecord, record, report, sampleClass, seen, setting } from './sample.ts'
import { Folder } from './zips.ts'

const WIDTHS = [1920, 1280, 390]
const FOURTH = '04-ack-consumer'

describe.skipIf(!HAS_CHROMIUM)('in a browser', () => {
  const folder = new Folder()
  let browser: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => {
    const many = Array.from({ length: 25 }, (_, nth): SubmissionRecord => {
      const verdicts = [
        ['passed', 'passed'],
        ['passed', 'failed'],
        ['failed', 'not-reached'],
      ][nth % 3] as Parameters<typeof report>[1]
      return record(`student-${nth}`, { [FOURTH]: lessonRecord(report(FOURTH, verdicts)) })
    })
    const students = [
      { id: 'anna', name: 'Anna A', section: 'A' },
      { id: 'ben', name: 'Ben B', section: 'B' },
    ]
    const all = [...sampleClass(), ...many]
    const records = new Records(folder.path)
    for (const [index, each] of all.entries()) {
      records.write(each)
      const { judged } = each.lessons[FOURTH] ?? {}
      // One has no recordings, as after a record of another lab.
      if (judged && index !== 3) records.judge(each.id, FOURTH, { judgement: { ...judged, seen: seen(EVIL) } })
    }
    writeResults(folder.path, all, setting({ students, notice: 'Judged without a sandbox.' }), {})
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    folder[Symbol.dispose]()
  })

  async function opened(file: string, more: object = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...more })
    const page = await context.newPage()
    await page.goto(`${pathToFileURL(folder.at(...file.split('/')))}`)
    return page
  }

  /** Everything that is folded away, with what fills it when it is opened. */
  async function openAll(page: Page): Promise<void> {
    await page.evaluate(() => {
      for (const each of document.querySelectorAll('details')) each.open = true
    })
    for (const viewer of await page.locator('.viewer').all()) await viewer.locator('.transport').waitFor()
  }

  const pages = ['index.html', 'students/ben.html', `students/${fileNameOf(EVIL)}.html`]
  test.each(
    pages.flatMap((file) =>
      (['light', 'dark'] as const).flatMap((scheme) => WIDTHS.map((width) => ({ file, scheme, width }))),
    ),
  )('$file, $scheme, $width wide: accessible, and nothing sticks out', async ({ file, scheme, width }) => {
    // The page's own policy lets no script in; axe is one.
    const page = await opened(file, { colorScheme: scheme, viewport: { width, height: 800 }, bypassCSP: true })
    await openAll(page)
    expect(await axeOf(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    await page.context().close()
  })

  test('nothing is fetched, and nothing of a submission runs', async () => {
    const context = await browser.newContext()
    const asked: string[] = []
    const said: string[] = []
    const page = await context.newPage()
    page.on('request', (request) => asked.push(request.url()))
    page.on('dialog', (dialog) => said.push(dialog.message()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('console', (message) => said.push(message.text()))
    const urls = pages.map((file) => pathToFileURL(folder.at(...file.split('/'))).href)
    for (const url of urls) {
      await page.goto(url)
      await openAll(page)
    }
    expect(asked).toEqual(urls)
    expect(said).toEqual([])
    await context.close()
  })

  test('students are found, filtered and sorted, by keyboard too', async () => {
    const page = await opened('index.html')
    const ids = () => page.locator('table.class tbody tr:visible th').allTextContents()
    expect(await ids()).toHaveLength(29)
    await page.getByLabel('Find a student').fill('anna')
    expect(await ids()).toEqual(['anna'])
    expect(await page.locator('#shown').textContent()).toBe('1 of 29 shown')
    await page.getByLabel('Find a student').fill('')
    await page.getByLabel('With a lesson that is').selectOption('error')
    expect(await ids()).toEqual(['cara'])
    await page.getByLabel('With a lesson that is').selectOption('')
    await page.getByLabel('Section').selectOption('B')
    expect(await ids()).toEqual(['ben'])
    await page.getByLabel('Section').selectOption('')
    await page.getByRole('button', { name: 'Points' }).focus()
    await page.keyboard.press('Enter')
    expect((await ids())[0]).toBe('anna')
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending')
    await page.keyboard.press('Enter')
    expect((await ids()).at(-1)).toBe('anna')
    await page.context().close()
  })

  test('the heat map leads to who has it, and from there to the student', async () => {
    const page = await opened('index.html')
    const example = page.locator('details').first()
    expect(await example.getAttribute('open')).toBeNull()
    await page.locator('.heat td a').first().click()
    await example.locator('.who').waitFor({ state: 'visible' })
    expect(await example.locator('.who').textContent()).toContain('ben')
    await example.getByRole('link', { name: 'ben' }).first().click()
    expect(await page.locator('h1').textContent()).toContain('Ben B')
    await page.context().close()
  })

  test('a student steps through what was recorded, from where it was decided', async () => {
    const page = await opened('students/ben.html')
    const viewer = page.locator('.recorded .viewer')
    expect(await viewer.locator('.transport').count()).toBe(0)
    await page.getByText('What happened, step by step').click()
    await viewer.locator('.transport').waitFor()
    expect(await viewer.locator('.marks li').allTextContents()).toEqual([expect.stringContaining('expectation 2')])
    const slider = viewer.locator('.transport input')
    const before = Number(await slider.inputValue())
    await viewer.locator('.transport button').first().focus()
    await page.keyboard.press('n')
    expect(Number(await slider.inputValue())).toBe(before + 1)
    await page.context().close()
  })

  test('on paper there are no controls, and everything is open', async () => {
    const page = await opened('index.html')
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    expect(await page.locator('.tools').isVisible()).toBe(false)
    expect(await page.locator('details:not([open])').count()).toBe(0)
    await page.context().close()
  })
})

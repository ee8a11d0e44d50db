import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HAS_CHROMIUM, Looked, openBrowser } from './chromium.ts'
import { pageOf, pageOfTwo } from './plays.ts'

const EVIL = `</script><img src=x onerror="document.title='owned'">`

describe.skipIf(!HAS_CHROMIUM)('the viewer in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  const current = ({ page }: Looked) => page.locator('.moments [aria-current] .label')
  const queues = ({ page }: Looked) => page.locator('.state section').first()

  test('it opens where an expectation failed, and shows what there was then', async () => {
    await using looked = await Looked.open(browser, pageOf())
    expect(await current(looked).textContent()).toBe('basic.ack (deliveryTag 1)')
    expect(await looked.page.locator('.moments [aria-current]').textContent()).toContain('decided here, failed')
    expect(await queues(looked).textContent()).toContain("'tasks': 1 ready, 0 unacknowledged")
    expect(await looked.page.locator('.details').textContent()).toContain('deliveryTag1')
    expect(looked.complaints).toEqual([])
    expect(looked.requests).toHaveLength(1)
  })

  test('n, p, arrows, Home and End step through time, forward and back', async () => {
    await using looked = await Looked.open(browser, pageOf())
    const { page } = looked
    await page.keyboard.press('p')
    expect(await queues(looked).textContent()).toContain(
      "'resize photo 1': unacknowledged at connection 1, channel 1, tag 1",
    )
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('n')
    expect(await current(looked).textContent()).toContain('the handler begins')
    await page.locator('.moments [aria-current]').focus()
    await page.keyboard.press('End')
    expect(await current(looked).textContent()).toContain("'tasks' holds 1 task")
    expect(await queues(looked).textContent()).toContain("'翻訳する: 東京 🧾': ready, redelivered")
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Home')
    expect(await current(looked).textContent()).toBe('starts')
    expect(await page.locator('.moments [aria-current]').evaluate((it) => it === document.activeElement)).toBe(true)
  })

  test('the slider and the axis go anywhere, and playing goes on to the end', async () => {
    await using looked = await Looked.open(browser, pageOf())
    const { page } = looked
    await page.locator('.transport input').fill('0')
    expect(await current(looked).textContent()).toBe('starts')
    expect(await page.locator('.transport input').getAttribute('aria-valuetext')).toMatch(/^step 1 of \d+: 0 ms/)
    const box = await page.locator('.axis').boundingBox()
    await page.locator('.axis').click({ position: { x: (box?.width ?? 2) - 1, y: 40 } })
    expect(await current(looked).textContent()).toContain("'tasks' holds 1 task")
    await page.getByLabel('Speed').selectOption('fast')
    const passed = await page.locator('.transport input').evaluateHandle((slider: HTMLInputElement) => {
      const seen: string[] = []
      new MutationObserver(() => seen.push(slider.value)).observe(slider, { attributeFilter: ['aria-valuetext'] })
      return seen
    })
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    const last = (await page.locator('.transport input').getAttribute('max')) ?? ''
    await page.waitForFunction(([seen, last]) => seen.length > 1 && seen.at(-1) === last, [passed, last] as const)
    const steps = Array.from({ length: Number(last) + 1 }, (_, i) => String(i))
    expect(await passed.jsonValue()).toEqual(steps)
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  })

  test('a failure that is clicked leads to its moment, from another scenario too', async () => {
    await using looked = await Looked.open(browser, pageOf())
    const { page } = looked
    await page.getByLabel('Scenario').selectOption('another play')
    expect(await current(looked).textContent()).toBe('starts')
    await page.getByRole('button', { name: /^decided here: a play/ }).click()
    expect(await page.getByLabel('Scenario').locator('option:checked').textContent()).toBe('a play')
    expect(await current(looked).textContent()).toBe('basic.ack (deliveryTag 1)')
    await page.getByText('1 of 2 passed').click()
    await page.getByRole('button', { name: /^true from here: a play/ }).click()
    expect(await current(looked).textContent()).toContain('the handler begins')
  })

  test('filters leave what suits, a search finds what is folded, and a fold opens', async () => {
    await using looked = await Looked.open(browser, pageOf())
    const { page } = looked
    const rows = page.locator('.moments li')
    const all = await rows.count()
    await page.getByRole('button', { name: /handshake/ }).click()
    expect(await rows.count()).toBe(all + 5)
    await page.getByLabel('Task').selectOption('翻訳する: 東京 🧾')
    expect(await rows.allTextContents()).toEqual([
      expect.stringContaining('puts 2 tasks'),
      expect.stringContaining('deliveryTag 2'),
      expect.stringContaining('the handler begins'),
      expect.stringContaining('closes the TCP connection'),
    ])
    await page.getByLabel('Task').selectOption('all')
    await page.keyboard.press('Escape')
    await page.locator('h1').click()
    await page.keyboard.press('/')
    await page.keyboard.type('connection.start-ok')
    expect(await rows.count()).toBe(1)
    expect(await rows.textContent()).not.toContain('secret')
  })

  test('what is pointed at is told, and what is left is told no more', async () => {
    await using looked = await Looked.open(browser, pageOf())
    const { page } = looked
    await page.locator('.moments li', { hasText: 'deliveryTag 2' }).hover()
    expect(await page.locator('.details.looked-at').textContent()).toContain('翻訳する: 東京 🧾')
    await page.locator('h1').hover()
    expect(await page.locator('.details').textContent()).toContain('basic.ack (deliveryTag 1)')
  })

  test('two recordings move together, whichever of them is moved', async () => {
    const links = pageOfTwo([
      [1, 1],
      [8, 8],
      [10, 9],
      [12, 11],
    ])
    await using looked = await Looked.open(browser, links)
    const { page } = looked
    const moments = page.locator('.details p.quiet')
    const now = async () => (await moments.allTextContents()).map((text) => Number(/^Moment (\d+)/.exec(text)?.[1]))
    expect(await now()).toEqual([1, 1])
    await page.locator('.reel').first().locator('.moments li', { hasText: 'deliveryTag 2' }).click()
    const [left, right] = await now()
    expect([left, right]).toEqual([15, 14])
    await page.locator('.reel').last().locator('.moments li').first().click()
    expect(await now()).toEqual([1, 1])
    await page.keyboard.press('n')
    expect((await now())[1]).toBe(2)
  })

  test('a page that keeps its own text narrow does not narrow the rows', async () => {
    await using looked = await Looked.open(browser, pageOf(), { width: 1920 })
    const ratio = await looked.page.evaluate(() => {
      document.styleSheets[0]?.insertRule('p, li, blockquote, dd { max-width: 10rem }', 0)
      const widthOf = (selector: string) => document.querySelector(selector)?.getBoundingClientRect().width ?? 0
      return widthOf('.moments li') / widthOf('.moments')
    })
    expect(ratio).toBeCloseTo(1, 2)
  })

  test('whatever was recorded is text: nothing of it runs', async () => {
    const { LOST } = await import('./plays.ts')
    const events = JSON.parse(
      JSON.stringify(LOST.events).replaceAll('resize photo 1', JSON.stringify(EVIL).slice(1, -1)),
    )
    await using looked = await Looked.open(browser, pageOf({ ...LOST, events }))
    const { page } = looked
    expect(await page.title()).toContain('04 A task')
    expect(await page.locator('.viewer img').count()).toBe(0)
    await page.keyboard.press('p')
    expect(await queues(looked).textContent()).toContain('src=x onerror=')
    await page.addScriptTag({ content: "document.title = 'owned'" }).catch(() => {})
    expect(await page.title()).toContain('04 A task')
  })

  describe.each(['light', 'dark'] as const)('%s', (scheme) => {
    test.each([320, 390, 1280, 1920])('%i pixels wide: nothing is cut off, and axe finds nothing', async (width) => {
      for (const html of [pageOf(), pageOfTwo([[1, 1]])]) {
        await using looked = await Looked.open(browser, html, { width, scheme, reducedMotion: true })
        expect(await looked.overflow()).toBeLessThanOrEqual(0)
        for (const folded of await looked.page.locator('summary').all()) await folded.click()
        expect(await looked.axe()).toEqual([])
      }
    })
  })

  test('printed, all of the sequence is there and nothing to press', async () => {
    await using looked = await Looked.open(browser, pageOf())
    await looked.page.emulateMedia({ media: 'print' })
    expect(await looked.page.locator('.transport').isVisible()).toBe(false)
    const cut = await looked.page.locator('.sequence').evaluate((it) => it.scrollHeight - it.clientHeight)
    expect(cut).toBeLessThanOrEqual(0)
  })
})

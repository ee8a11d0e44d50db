import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLUSTERS } from '../../lab/broker/kinds/kind.ts'
import type { Runner } from '../../lab/web/runs.ts'
import { underTest } from '../broker/ground.ts'
import { type Scratch, scratchProject } from '../lessons/scratch.ts'
import { axeOf, HAS_CHROMIUM, openBrowser } from '../viewer/chromium.ts'
import { SolutionRunner } from './runner.ts'
import { Served } from './served.ts'

const clusters = await underTest(CLUSTERS)

describe.skipIf(!HAS_CHROMIUM)('the run of a service in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  const happens = (page: Page, text: string, nth = 0) =>
    page.locator('.happened li', { hasText: text }).nth(nth).waitFor()
  const press = (page: Page, name: string) => page.getByRole('button', { name }).click()
  const send = async (page: Page, task: string) => {
    await page.getByLabel('A task').fill(task)
    await press(page, 'Send')
  }

  /** From the list to the run of a lesson. */
  async function runs(project: Scratch, runner: Runner, context: BrowserContext) {
    const served = await Served.open(project, 0, { runner })
    const page = await context.newPage()
    await page.goto(served.url)
    await page.getByRole('link', { name: /First steps/ }).click()
    await page.getByRole('link', { name: 'Run your service' }).click()
    expect(await axeOf(page)).toEqual([])
    await press(page, 'Run my service')
    return { served, page }
  }

  test('a task that is typed is received; the service is killed, started again, and gets it again', async () => {
    using project = scratchProject()
    await using runner = new SolutionRunner('05-first-service')
    await using context = await browser.newContext({ viewport: { width: 390, height: 900 } })
    const { served, page } = await runs(project, runner, context)
    await using _served = served
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await happens(page, '[*] Waiting for messages')
    await send(page, '<img src=x onerror=alert(1)> 翻訳')
    await happens(page, '[x] Received <img src=x onerror=alert(1)> 翻訳')
    await happens(page, 'basic.ack')
    await send(page, `a long job ${'.'.repeat(200)}`)
    await happens(page, '[x] Received a long job')
    await press(page, 'Kill (kill -9)')
    await happens(page, 'Your service was killed with 1 unacknowledged task')
    await page.locator('#standing', { hasText: 'not running – 1 task waiting, 0 unacked' }).waitFor()
    await press(page, 'Start again')
    await happens(page, 'redelivered')
    await happens(page, '[x] Received a long job', 1)
    await press(page, 'Restart the broker')
    await happens(page, 'task_queue is still there, because it is durable.')
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    expect(await axeOf(page)).toEqual([])
    // A page that is opened again has all of it.
    await page.reload()
    await happens(page, '[x] Received a long job', 1)
    await press(page, 'End the run')
    await page.getByRole('button', { name: 'Run my service' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('the workers of a cluster are cards, and one of them can be killed', async () => {
    using project = scratchProject()
    await using runner = new SolutionRunner('13-cluster-up')
    await using context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const { served, page } = await runs(project, runner, context)
    await using _served = served
    const card = (text: string) => page.locator('.workers li', { hasText: text })
    await card('ready').nth(2).waitFor()
    await send(page, `a long job ${'.'.repeat(200)}`)
    await card('1 unacked').waitFor()
    expect(await card('1 unacked').textContent()).toContain('a long job')
    expect(await axeOf(page)).toEqual([])
    const its = (await card('1 unacked').locator('strong').textContent()) ?? ''
    await press(page, `Kill ${its}`)
    await card('worker 4').waitFor()
    await happens(page, `${its.replace('w', 'W')} was killed.`)
  })

  test('a run that is there before its page listens is shown', async () => {
    using project = scratchProject()
    await using runner = new SolutionRunner('05-first-service')
    const [listening, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const slowly: Runner = {
      canRun: () => true,
      async open(_lesson, tell) {
        tell('It takes a while.')
        await listening.promise
        const run = await runner.open()
        opened.resolve()
        return run
      },
    }
    await using context = await browser.newContext()
    await context.route('**/run/events', async (route) => {
      listening.resolve()
      await opened.promise
      await route.continue()
    })
    const { served, page } = await runs(project, slowly, context)
    await using _served = served
    await happens(page, '[*] Waiting for messages')
  })

  // Whichever cluster this machine can have: what its nodes do is tested for each in test/broker.
  const [at] = clusters.filter(({ missing }) => missing === undefined)
  test.skipIf(at === undefined)(
    'nodes of a cluster are stopped and started, and the work goes on',
    { timeout: 300_000 },
    async () => {
      using project = scratchProject()
      await using runner = new SolutionRunner(
        '14-replicated-queue',
        at?.kind === 'native-cluster' ? 'native' : 'container',
      )
      await using context = await browser.newContext({ viewport: { width: 390, height: 900 } })
      const { served, page } = await runs(project, runner, context)
      await using _served = served
      const card = (text: string) => page.locator('.nodes li', { hasText: text })
      await page.locator('#standing', { hasText: 'cluster' }).waitFor()
      await happens(page, '[*] Waiting for messages')
      expect(await axeOf(page)).toEqual([])
      await send(page, `a long job ${'.'.repeat(200)}`)
      await happens(page, '[x] Received a long job')
      const its = (await card('with your service').locator('strong').textContent()) ?? ''
      await press(page, `Stop ${its}`)
      await happens(page, `${its} was stopped. 2 of 3 nodes are left, which is a majority`)
      await happens(page, '[x] Received a long job', 1)
      expect(await card('with your service').locator('strong').textContent()).not.toBe(its)
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
      await press(page, `Start ${its}`)
      await happens(page, `${its} is up again, and so are all the others.`)
      await press(page, 'End the run')
      await page.getByRole('button', { name: 'Run my service' }).waitFor()
    },
  )
})

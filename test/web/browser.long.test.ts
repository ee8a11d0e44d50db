import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HINTS, scratchProject } from '../lessons/scratch.ts'
import { axeOf, HAS_CHROMIUM, openBrowser } from '../viewer/chromium.ts'
import { QUIZ } from './quiz.ts'
import { failing, Served } from './served.ts'

const LESSON = '01-first-steps'

describe.skipIf(!HAS_CHROMIUM)('the lab in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  const says = (page: Page, text: string) => page.locator('#status', { hasText: text }).waitFor()

  /** From the list to the lesson, and to its first verdict. */
  const check = async (page: Page) => {
    await page.getByRole('link', { name: /First steps/ }).click()
    await says(page, 'Nothing has been checked yet')
    await page.getByRole('button', { name: 'Check now' }).click()
    await says(page, 'Not yet on RabbitMQ')
  }

  test('a prediction is made before the first check, and comes back with the pass', async () => {
    using project = scratchProject()
    project.write(`lessons/${LESSON}/quiz.yaml`, QUIZ)
    await using served = await Served.open(project)
    await using context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(served.url)
    await page.getByText('You are here: lesson 1').waitFor()
    await page.getByRole('link', { name: /First steps/ }).click()
    await says(page, 'Nothing has been checked yet')
    expect(await axeOf(page)).toEqual([])
    await page.getByRole('radio', { name: 'A number' }).check()
    await page.getByRole('button', { name: 'That is my prediction' }).click()
    await page.getByText('You predicted: <b>A number</b>.').waitFor()
    await says(page, 'Nothing has been checked yet')
    project.write(`lessons/${LESSON}/exercise.ts`, 'export const answer = 42\n')
    await says(page, 'Passed on RabbitMQ')
    await page.getByText("That's right. It is counted in answers.").waitFor()
    await page.getByText('The recording shows it: The recording shows 42.').waitFor()
    expect(await axeOf(page)).toEqual([])
  })

  test('from the list to a lesson, its verdict, and a save that changes it, in two tabs', async () => {
    using project = scratchProject()
    await using served = await Served.open(project)
    await using context = await browser.newContext()
    const [one, other] = [await context.newPage(), await context.newPage()]
    await one.goto(served.url)
    expect(one.url()).not.toContain('token')
    await check(one)
    const seen = one.frameLocator('.seen')
    await seen.getByText('acknowledges a task when its work is done').first().waitFor()
    await seen.getByRole('button', { name: 'Next step' }).click()
    await other.goto(`http://127.0.0.1:${served.port}/lessons/${LESSON}`)
    await says(other, 'Not yet on RabbitMQ')
    project.write(`lessons/${LESSON}/exercise.ts`, 'export const answer = 42\n')
    await Promise.all([says(one, 'Passed on RabbitMQ'), says(other, 'Passed on RabbitMQ')])
    await one.getByRole('link', { name: 'Compare with the solution' }).click()
    expect(await one.locator('body').textContent()).toContain(`compared ${LESSON}`)
  })

  test('what a failure looks like comes with a button, and by itself the second time', async () => {
    using project = scratchProject()
    await using served = await Served.open(project, 0, failing())
    await using context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(served.url)
    await check(page)
    const seen = page.frameLocator('.seen')
    await seen.getByText('It says 41.', { exact: true }).waitFor()
    expect(await axeOf(page)).toEqual([])
    await page.getByRole('button', { name: 'What does it look like?' }).click()
    await seen.getByText('It looks as if you forgot one.').waitFor()
    await page.locator('#cure').waitFor({ state: 'hidden' })
    project.write(`lessons/${LESSON}/exercise.ts`, 'export const answer = 40\n')
    await seen.getByText('It looks as if you forgot one.').waitFor()
    expect(await page.locator('#cure').isHidden()).toBe(true)
  })

  test('a hint is asked for with a button', async () => {
    using project = scratchProject()
    project.write(`lessons/${LESSON}/hints.md`, HINTS)
    await using served = await Served.open(project)
    await using context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(served.url)
    await page.getByRole('link', { name: /First steps/ }).click()
    await page.getByRole('button', { name: 'A hint' }).click()
    await page.getByText('Who is asked first?').waitFor()
    await page.getByRole('button', { name: 'Another hint' }).click()
    await page.getByText('It returns a promise').waitFor()
    expect(await axeOf(page)).toEqual([])
  })

  test('an exercise is put back to the starter, and its copy is put back', async () => {
    using project = scratchProject()
    project.write(`lessons/${LESSON}/exercise.ts`, 'export const answer = 41\n')
    await using served = await Served.open(project)
    await using context = await browser.newContext({ viewport: { width: 390, height: 900 } })
    const page = await context.newPage()
    await page.goto(served.url)
    const copies = async () => {
      await page.getByRole('link', { name: /First steps/ }).click()
      await page.getByRole('link', { name: 'Reset or restore' }).click()
    }
    await copies()
    await page.getByRole('button', { name: 'Reset it to the starter' }).click()
    await page.getByText('is the starter again').waitFor()
    await page.getByRole('link', { name: 'All lessons' }).click()
    await copies()
    expect(await axeOf(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    await page.getByRole('button', { name: 'Restore the copy from' }).click()
    await page.getByText('is now the copy from').waitFor()
  })

  test('a server that is gone is told of, and one that is back is found', async () => {
    using project = scratchProject()
    await using context = await browser.newContext()
    const page = await context.newPage()
    const first = await Served.open(project)
    const { port } = first
    await page.goto(first.url)
    await check(page)
    await first[Symbol.asyncDispose]()
    await says(page, "The lab isn't answering")
    await using _again = await Served.open(project, port)
    await says(page, 'Nothing has been checked yet')
    project.write(`lessons/${LESSON}/exercise.ts`, 'export const answer = 42\n')
    await says(page, 'Passed on RabbitMQ')
  })

  test.each([
    [390, 'light'],
    [390, 'dark'],
    [1280, 'light'],
    [1920, 'dark'],
  ] as const)('%i pixels wide, %s: nothing is cut off, and axe finds nothing', async (width, colorScheme) => {
    using project = scratchProject()
    await using served = await Served.open(project)
    await using context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    await page.goto(served.url)
    expect(await overflow()).toBe(0)
    expect(await axeOf(page)).toEqual([])
    await check(page)
    await page.frameLocator('.seen').locator('.moments').first().waitFor()
    expect(await overflow()).toBe(0)
    expect(await axeOf(page)).toEqual([])
    expect(complaints).toEqual([])
  })
})

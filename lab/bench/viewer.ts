import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CDPSession, Page } from 'playwright-core'
import type { FrameEvent, RecordedEvent, Recording } from '../recording/recording.ts'
import { viewerPage } from '../viewer/page.ts'
import { showOf } from '../viewer/show.ts'
import { CHROMIUM } from './chromium.ts'
import { spread } from './measure.ts'
import type { Row } from './rows.ts'

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']
const MOMENTS = 5_000
const STEPS = 120
const UNACKED = 100

/** Whether there is a browser to measure with. */
export function hasBrowser(): boolean {
  return CHROMIUM !== undefined
}

/**
 * The viewer of a recording with 5,000 moments in a browser: how long it takes to open, and what a step costs. A step's cost is
 * what it takes of the page's main thread, by its own clock: script, layout and paint. What fits into 16.7 ms can be shown 60
 * times a second.
 */
export async function viewer(times: number): Promise<Row[]> {
  const { chromium } = await import('playwright-core')
  const folder = await mkdtemp(join(tmpdir(), 'cluster-up-bench-'))
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: QUIET })
  try {
    const file = join(folder, 'page.html')
    const played = [{ name: 'many tasks', recordings: [manyTasks()] }]
    await writeFile(file, viewerPage({ title: 'Bench', lines: [] }, showOf(played, [])))
    const opened: number[] = []
    const steps: number[] = []
    for (let time = 0; time <= times; time++) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      await page.goto(pathToFileURL(file).href)
      const openMs = await page.evaluate(SHOWN)
      const stepMs = await stepCost(page)
      // The first one warms the browser up.
      if (time > 0) opened.push(Number(openMs))
      if (time > 0) steps.push(stepMs)
      await page.close()
    }
    const what = `viewer of a recording with ${MOMENTS.toLocaleString('en')} moments`
    return [
      { what: `${what}: open in Chromium`, a: spread(opened), unit: 'ms', limit: 'at most 1000 ms' },
      { what: `${what}: a step, on the page's main thread`, a: spread(steps), unit: 'ms', limit: 'at most 16.7 ms' },
    ]
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** From the start of the page to the first frame that shows it. */
const SHOWN = `new Promise((shown) => requestAnimationFrame(() => setTimeout(() => shown(performance.now()))))`

async function stepCost(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.evaluate(stepsFrom(MOMENTS / 2, 1))
  const before = await mainThread(devtools)
  await page.evaluate(stepsFrom(MOMENTS / 2, STEPS))
  return ((await mainThread(devtools)) - before) / STEPS
}

/** Steps on from a place, one each frame. */
function stepsFrom(place: number, steps: number): string {
  return `(async () => {
    const slider = document.querySelector('.transport input')
    slider.value = ${place}
    slider.dispatchEvent(new Event('input'))
    for (let step = 0; step < ${steps}; step++) {
      await new Promise(requestAnimationFrame)
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }))
    }
    await new Promise(requestAnimationFrame)
  })()`
}

/** Milliseconds of computing so far. */
async function mainThread(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000
}

/** Deliveries and acks, with a hundred tasks unacknowledged most of the time: 5,000 moments together. */
function manyTasks(): Recording {
  const events: RecordedEvent[] = [{ kind: 'tcp', ms: 0, connection: 1, what: 'accepted' }]
  const add = (event: Omit<FrameEvent, 'ms' | 'kind' | 'connection' | 'channel'>) =>
    events.push({ kind: 'frame', ms: events.length / 10, connection: 1, channel: 1, ...event })
  add({ from: 'broker', method: 'channel.open-ok', fields: {} })
  add({ from: 'student', method: 'basic.consume', fields: { queue: 'tasks', consumerTag: 'c', noAck: false } })
  add({ from: 'broker', method: 'basic.consume-ok', fields: { consumerTag: 'c' } })
  const tasks = (MOMENTS - 4 + UNACKED) / 2
  for (let tag = 1; tag <= tasks; tag++) {
    const text = `resize photo ${tag}.jpg`
    add({
      from: 'broker',
      method: 'basic.deliver',
      fields: { consumerTag: 'c', deliveryTag: tag, routingKey: 'tasks' },
    })
    add({ from: 'broker', method: 'header', fields: { bodySize: text.length, properties: { deliveryMode: 2 } } })
    add({ from: 'broker', method: 'body', fields: { size: text.length, text } })
    if (tag <= UNACKED) continue
    add({ from: 'student', method: 'basic.ack', fields: { deliveryTag: tag - UNACKED, multiple: false } })
  }
  const broker = { kind: 'none', product: 'Bench', version: '1' }
  return { format: 2, lesson: '04-ack-consumer', scenario: 'many tasks', broker, events }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { CHROMIUM } from '../../lab/bench/chromium.ts'

export const HAS_CHROMIUM = CHROMIUM !== undefined

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** A cluster boots beside other tests: whoever waits for what a page is to show waits longer than Playwright's 30 s. */
const LONGEST_WAIT_MS = 110_000

export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: QUIET })
  return browser.on('context', (context) => context.setDefaultTimeout(LONGEST_WAIT_MS))
}

export interface Violation {
  id: string
  nodes: string[]
}

/** What axe finds wrong with a page as it is. */
export async function axeOf(page: Page): Promise<Violation[]> {
  const { source } = createRequire(import.meta.url)('axe-core') as { source: string }
  await page.evaluate(source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`),
    }))
  })
}

/** A page that is on disk for as long as it is looked at; whatever it complains of, or asks from elsewhere, is kept. */
export class Looked implements AsyncDisposable {
  readonly page: Page
  readonly complaints: string[] = []
  readonly requests: string[] = []
  readonly #folder: string

  private constructor(page: Page, folder: string) {
    this.page = page
    this.#folder = folder
    page.on('console', (message) => this.complaints.push(message.text()))
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('request', (request) => this.requests.push(request.url()))
  }

  static async open(
    browser: Browser,
    html: string,
    { width = 1280, height = 900, scheme = 'light' as 'light' | 'dark', reducedMotion = false } = {},
  ): Promise<Looked> {
    const folder = mkdtempSync(join(tmpdir(), 'cluster-up-page-'))
    const file = join(folder, 'page.html')
    writeFileSync(file, html)
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    })
    const looked = new Looked(page, folder)
    await page.goto(pathToFileURL(file).href)
    return looked
  }

  axe(): Promise<Violation[]> {
    return axeOf(this.page)
  }

  /** By how much the page is wider than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - innerWidth')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

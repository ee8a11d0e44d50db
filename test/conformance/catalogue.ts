import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Observation } from './notebook.ts'
import type { Scenario } from './stage.ts'

const SCENARIOS = join(import.meta.dirname, 'scenarios')
const OBSERVED = join(import.meta.dirname, 'observed')

/** The scenarios of a file of scenarios/, which is named after what they are about. */
export interface Theme {
  name: string
  scenarios: Scenario[]
}

export async function loadThemes(): Promise<Theme[]> {
  const files = readdirSync(SCENARIOS).filter((file) => file.endsWith('.ts'))
  return Promise.all(
    files.sort().map(async (file) => {
      const { scenarios } = (await import(join(SCENARIOS, file))) as { scenarios: Scenario[] }
      return { name: file.slice(0, -3), scenarios }
    }),
  )
}

/** What RabbitMQ 4.3 was seen to do: observed/THEME.json, an object of observations by the title of their scenario. */
export function readObserved(theme: string): Record<string, Observation> {
  return JSON.parse(readFileSync(join(OBSERVED, `${theme}.json`), 'utf8'))
}

export function observedThemes(): string[] {
  return readdirSync(OBSERVED).map((file) => file.replace(/\.json$/, ''))
}

/** In the form that `npm run format` would give it. */
export function writeObserved({ name, scenarios }: Theme, seen: Map<string, Observation>): void {
  const themes = scenarios.map(({ title }) => {
    const headings = Object.entries(seen.get(title) ?? {}).map(([heading, lines]) => `    ${listed(heading, lines)}`)
    return `  ${JSON.stringify(title)}: {\n${headings.join(',\n')}\n  }`
  })
  writeFileSync(join(OBSERVED, `${name}.json`), `{\n${themes.join(',\n')}\n}\n`)
}

const WIDTH = 120

function listed(heading: string, lines: string[]): string {
  const texts = lines.map((line) => JSON.stringify(line))
  const short = `${JSON.stringify(heading)}: [${texts.join(', ')}]`
  if (short.length + '    ,'.length <= WIDTH) return short
  return `${JSON.stringify(heading)}: [\n      ${texts.join(',\n      ')}\n    ]`
}

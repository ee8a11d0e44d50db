import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../lab/root.ts'
import { loadThemes, observedThemes, readObserved } from './catalogue.ts'
import { DIFFERENCES } from './differences.ts'
import { FAILED } from './play.ts'
import { SKIPPED } from './skipped.ts'

const document = readFileSync(join(ROOT, 'docs/embedded-broker.md'), 'utf8')
const themes = await loadThemes()
const titles = themes.flatMap(({ scenarios }) => scenarios.map(({ title }) => title))

/** The rows of a table in the document: the one below this heading. */
function rows(heading: string): string[][] {
  const section = document.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? expect.fail(`no heading '${heading}'`)
  return [...section.matchAll(/^\| (.+) \|$/gm)]
    .map(([, cells = '']) => cells.split(' | '))
    .filter(([first = '']) => !/^-+$/.test(first))
    .slice(1)
}

test('there are at least 120 scenarios, each with a title of its own', () => {
  expect(titles.length).toBeGreaterThanOrEqual(120)
  expect(new Set(titles).size).toBe(titles.length)
})

test('what RabbitMQ 4.3 did is recorded for each scenario, and for nothing else', () => {
  expect(observedThemes().sort()).toEqual(themes.map(({ name }) => name).sort())
  for (const { name, scenarios } of themes) {
    const observed = readObserved(name)
    expect(Object.keys(observed).sort()).toEqual(scenarios.map(({ title }) => title).sort())
    for (const [title, observation] of Object.entries(observed)) {
      expect(Object.values(observation).flat(), title).not.toEqual([])
      expect(observation, title).not.toHaveProperty(FAILED)
    }
  }
})

test('the document lists the scenarios that are skipped, with their reasons, and no others', () => {
  expect(rows('What is not compared')).toEqual(SKIPPED.map(({ scenario, reason }) => [scenario, reason]))
  for (const { scenario } of SKIPPED) expect(titles).toContain(scenario)
})

test('the document lists the differences between the series of RabbitMQ, and no others', () => {
  expect(rows('Where series of RabbitMQ differ')).toEqual(
    DIFFERENCES.map(({ series, what, scenarios }) => [series.join(', '), what, String(scenarios.length)]),
  )
  for (const { scenarios } of DIFFERENCES) {
    for (const title of scenarios) expect(titles).toContain(title)
  }
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadThemes, readObserved } from './catalogue.ts'
import { openEmbedded } from './embedded.ts'
import type { Observation } from './notebook.ts'
import { playAll } from './play.ts'
import { SKIPPED } from './skipped.ts'
import type { Ground } from './stage.ts'

/**
 * The embedded broker does what RabbitMQ 4.3 was seen to do. What that was is kept in observed/, so that these tests
 * need no RabbitMQ; rabbitmq.long.test.ts says how it is recorded.
 */

const themes = await loadThemes()
const skipped = new Set(SKIPPED.map(({ scenario }) => scenario))
let ground: Ground
let seen: Map<string, Observation>

beforeAll(async () => {
  ground = await openEmbedded()
  seen = await playAll(
    ground,
    themes.flatMap(({ scenarios }) => scenarios),
  )
})
afterAll(() => ground?.[Symbol.asyncDispose]())

test.each(SKIPPED)('$scenario: not compared, but refused with 540', ({ scenario }) => {
  expect(Object.values(seen.get(scenario) ?? {}).flat()).toContainEqual(
    expect.stringMatching(/^connection\.close\(replyCode: 540, replyText: 'NOT_IMPLEMENTED - /),
  )
})

for (const { name, scenarios } of themes) {
  const observed = readObserved(name)
  describe(name, () => {
    for (const { title } of scenarios) {
      if (skipped.has(title)) continue
      test(title, () => {
        expect(seen.get(title)).toEqual(observed[title])
      })
    }
  })
}

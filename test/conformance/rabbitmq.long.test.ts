import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeRoot, removeRoot } from '../broker/ground.ts'
import { loadThemes, readObserved, writeObserved } from './catalogue.ts'
import { DIFFERENCES } from './differences.ts'
import type { Observation } from './notebook.ts'
import { FAILED, playAll } from './play.ts'
import { openReal, realBrokers } from './rabbitmq.ts'
import type { Ground } from './stage.ts'

/**
 * Each RabbitMQ that is here does what RabbitMQ 4.3 was seen to do, but for what differences.ts lists for its series.
 *
 *   LAB_TEST_BROKERS=native,container=rabbitmq:4.0-management npx vitest run test/conformance
 *     plays on these instead of all that are here.
 *   RECORD=1 LAB_TEST_BROKERS=container npx vitest run test/conformance/rabbitmq.long.test.ts
 *     writes observed/ anew, from a RabbitMQ 4.3. Read what changed before you keep it.
 */

const RECORD = Boolean(process.env['RECORD'])
const RECORDED_SERIES = '4.3'
/** All scenarios, one after another, on a machine that runs other tests as well. */
const PLAYING_MS = 600_000

const themes = await loadThemes()
const brokers = await realBrokers()

if (brokers.length === 0)
  test.skip('there is no RabbitMQ here to compare with: neither a container image nor a native one')

for (const broker of brokers) {
  describe(broker.image ? `${broker.kind} ${broker.image}` : broker.kind, () => {
    const root = makeRoot()
    let ground: Ground
    let seen: Map<string, Observation>

    beforeAll(async () => {
      ground = await openReal(broker, root)
      seen = await playAll(
        ground,
        themes.flatMap(({ scenarios }) => scenarios),
      )
    }, PLAYING_MS)
    afterAll(async () => {
      await ground?.[Symbol.asyncDispose]()
      await removeRoot(root)
    })

    if (RECORD) {
      test('is recorded', () => {
        expect(ground.series).toBe(RECORDED_SERIES)
        for (const observation of seen.values()) expect(observation).not.toHaveProperty(FAILED)
        for (const theme of themes) writeObserved(theme, seen)
      })
      return
    }
    for (const { name, scenarios } of themes) {
      describe(name, () => {
        const observed = readObserved(name)
        for (const { title } of scenarios) {
          test(title, () => {
            const known = DIFFERENCES.filter((each) => each.scenarios.includes(title))
            const expected = known.filter(({ series }) => series.some((each) => each === ground.series))
            if (expected.length === 0) expect(seen.get(title)).toEqual(observed[title])
            else expect(seen.get(title), expected.map(({ what }) => what).join(' ')).not.toEqual(observed[title])
          })
        }
      })
    }
  })
}

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { openSession, waysHere } from './cheats.ts'

const LIMIT_MS = 300_000
const ways = (await waysHere()).filter((way) => way !== 'none')
const names = (await lessons(ROOT)).map(({ name }) => name)

describe.runIf(ways.length > 0).each(ways)('in %s', (way) => {
  // Lesson 14 needs a cluster, which the embedded broker has not: it is judged as far as that goes.
  test.each(names)('the solution of %s passes', { timeout: LIMIT_MS }, async (lesson) => {
    await using session = await openSession(way)
    const { lessons: judged } = await session.check({
      lessons: [lesson],
      tree: join(ROOT, 'solutions'),
      directly: true,
    })
    const wrong = judged.flatMap(({ expectations }) =>
      expectations.filter(({ verdict }) => verdict !== 'passed' && verdict !== 'not-judged'),
    )
    expect(wrong.map(({ title, message }) => `${title}: ${message}`)).toEqual([])
    expect(judged[0]?.expectations.some(({ verdict }) => verdict === 'passed')).toBe(true)
  })
})

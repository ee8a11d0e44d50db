import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session } from '../../lab/check/session.ts'
import { allCheats, openSession, outcomeOf, waysHere } from './cheats.ts'

/** What is in cheats/ gets no pass, and reaches nothing, in every sandbox that this machine can have, and without one. */

const LIMIT_MS = 400_000
const cheats = allCheats()

test('there are at least forty cheats, and each says what it tries', () => {
  expect(cheats.length).toBeGreaterThanOrEqual(40)
  expect(cheats.filter(({ tries }) => tries === '')).toEqual([])
})

describe.each(await waysHere())('run with --sandbox %s', (way) => {
  let session: Session
  beforeAll(async () => {
    session = await openSession(way)
  })
  afterAll(() => session[Symbol.asyncDispose]())

  const run = cheats.filter(({ onlyInSandbox }) => way !== 'none' || !onlyInSandbox)
  test.each(run)('$lesson/$name, which $tries', { timeout: LIMIT_MS }, async (cheat) => {
    const { verdict, reached } = await outcomeOf(cheat, session)
    if (way === 'none' && cheat.without !== undefined) {
      // What docs/sandbox.md says of a check without a sandbox.
      expect(['failed', 'passed']).toContain(verdict)
      return
    }
    expect({ verdict, reached }).toEqual({ verdict: cheat.passes ? 'passed' : 'failed', reached: [] })
  })
})

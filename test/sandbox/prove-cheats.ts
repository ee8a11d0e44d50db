import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session } from '../../lab/check/session.ts'
import { allCheats, openSession, outcomeOf, type Way, waysHere } from './cheats.ts'

const LIMIT_MS = 400_000

/** What is in cheats/ gets no pass, and reaches nothing: each is a test of the file that calls this. */
export async function proveCheats(way: Way): Promise<void> {
  const isHere = (await waysHere()).includes(way)
  const run = allCheats().filter(({ onlyInSandbox }) => way !== 'none' || !onlyInSandbox)

  describe.skipIf(!isHere)(`run with --sandbox ${way}${isHere ? '' : ', which this machine does not have'}`, () => {
    let session: Session
    beforeAll(async () => {
      session = await openSession(way)
    })
    afterAll(() => session[Symbol.asyncDispose]())

    test.each(run)('$lesson/$name, which $tries', { timeout: LIMIT_MS }, async (cheat) => {
      const { verdict, reached } = await outcomeOf(cheat, session)
      // On a busy machine a check may run into its time limit: that is told, and no pass.
      const isCaught = verdict === 'failed' || verdict === 'not-judged'
      if (way === 'none' && cheat.without !== undefined) {
        // What docs/sandbox.md says of a check without a sandbox.
        expect(isCaught || verdict === 'passed').toBe(true)
        return
      }
      if (cheat.passes) expect(verdict).toBe('passed')
      else expect(isCaught, verdict).toBe(true)
      expect(reached).toEqual([])
    })
  })
}

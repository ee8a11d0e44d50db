import type { ExpectationMeta } from './config.ts'
import { type Judged, judgeExpectation } from './judge.ts'
import { kept } from './kept.ts'
import { loadCheck } from './load.ts'
import { misconceptionsOf } from './misconceptions.ts'
import { type Ran, reportOf } from './outcome.ts'
import type { Playing } from './player/player.ts'
import { placeToRead } from './reading.ts'

/**
 * Judges a check without vitest, for the proof of the content and for a lesson that is played again and again: there are
 * hundreds of exercises or plays, and loading and reporting would cost more than the judging. The same expectations read
 * the same recordings; a single check of a student's is judged by vitest.
 */
export async function judgeDirectly(options: {
  root: string
  lesson: string
  only: string[]
  /** Judge the recordings that are kept here; null where they are played now. */
  from: string | null
  playing: Playing | undefined
  /** Told what became of each expectation, with the recordings that it was judged by. */
  onJudged?: ((title: string, judged: Judged) => void) | undefined
}): Promise<ReturnType<typeof reportOf>> {
  const { root, lesson, only, from, playing, onJudged } = options
  const check = await loadCheck(lesson, root)
  const recordingOf = async (scenario: string) => {
    if (from !== null) return kept(from, lesson, scenario)
    if (playing === undefined) throw new Error(`${lesson} is not played`)
    return playing.recording(scenario)
  }
  const judging = { check, misconceptions: misconceptionsOf(lesson, root), only, isKept: from !== null, recordingOf }
  const ran = await Promise.all(
    check.expectations.map(async (expectation): Promise<Ran> => {
      const { title } = expectation
      try {
        const judged = await judgeExpectation(expectation, judging)
        if (judged) onJudged?.(title, judged)
        const meta = judged?.meta
        return { title, state: stateOf(meta), meta, durationMs: 0 }
      } catch (error) {
        const told = (error as Error).stack ?? String(error)
        return { title, state: 'failed', meta: undefined, durationMs: 0, error: told }
      }
    }),
  )
  return reportOf(lesson, ran, [], {
    playedMs: (await playing?.over) ?? 0,
    only,
    placeToRead: (heading) => placeToRead(root, lesson, heading),
  })
}

/** As vitest calls it. */
function stateOf(meta: ExpectationMeta | undefined): string {
  if (meta === undefined || meta.verdict === 'not-judged') return 'skipped'
  return meta.verdict === 'passed' ? 'passed' : 'failed'
}

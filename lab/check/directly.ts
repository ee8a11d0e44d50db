import type { Recording } from '../recording/recording.ts'
import type { ExpectationMeta } from './config.ts'
import { declaredBy } from './declared.ts'
import { judgement } from './judge.ts'
import { cantBePlayed } from './needs.ts'
import { type Ran, reportOf } from './outcome.ts'
import type { Playing } from './player/player.ts'
import { type Declared, type Expectation, isWanted } from './scenario.ts'

/**
 * Judges a check without vitest, for the proof of the content: it judges hundreds of exercises, and loading and reporting
 * would cost more than the judging. The same expectations read the same recordings; what students get comes from vitest.
 */
export async function judgeDirectly(options: {
  root: string
  lesson: string
  only: string[]
  playing: Playing | undefined
}): Promise<ReturnType<typeof reportOf>> {
  const { root, lesson, only, playing } = options
  const declared = await declaredBy(lesson, root)
  const get = (scenario: string) => playing?.recording(scenario) ?? Promise.reject(new Error(`${lesson} is not played`))
  const ran = await Promise.all(declared.expectations.map((one) => runOf(one, declared, only, get)))
  return reportOf(lesson, ran, [], { playedMs: (await playing?.over) ?? 0, only })
}

async function runOf(
  { title, reads, judge, step, stepTitle }: Expectation,
  declared: Declared,
  only: string[],
  get: (scenario: string) => Promise<Recording>,
): Promise<Ran> {
  const about = { step, stepTitle, scenarios: reads.map(({ name }) => name) }
  const ran = (state: string, meta?: ExpectationMeta, error?: string): Ran => ({
    title,
    state,
    meta,
    durationMs: 0,
    error,
  })
  if (!reads.every((one) => isWanted(one, declared, only))) return ran('skipped')
  const reason = reads.map(cantBePlayed).find((why) => why !== undefined)
  if (reason !== undefined) return ran('skipped', { ...about, verdict: 'not-judged', message: reason })
  try {
    const read = await Promise.all(reads.map(({ name }) => get(name)))
    const { notPlayed } = read.find((recording) => recording.notPlayed !== undefined) ?? {}
    if (notPlayed !== undefined) return ran('skipped', { ...about, verdict: 'not-judged', message: notPlayed })
    const meta = { ...about, ...judgement(read, judge, declared.misconceptions) }
    return ran(meta.verdict === 'passed' ? 'passed' : 'failed', meta)
  } catch (error) {
    return ran('failed', undefined, (error as Error).stack ?? String(error))
  }
}

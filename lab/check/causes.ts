import type { ExpectationMeta } from './config.ts'

/** What became of an expectation, seen beside the others. */
export interface Settled {
  meta: ExpectationMeta
  verdict: ExpectationMeta['verdict'] | 'not-reached'
  /** The one that failed before it, from which it may follow. */
  follows?: ExpectationMeta
}

/**
 * Sees the expectations of a check side by side: one cause is told once.
 *
 * One that was not reached has failed only where no other tells why: the first of them then does. One that failed later in
 * the same scenario, or in the same way, may follow from the first.
 */
export function settle(metas: ExpectationMeta[]): Settled[] {
  const failed = metas.filter(({ verdict, notReached }) => verdict === 'failed' && notReached === undefined)
  for (const meta of metas) if (meta.notReached && !isExplained(meta, failed)) failed.push(meta)
  const inOrder = metas.filter((meta) => failed.includes(meta))
  return metas.map((meta) => {
    if (meta.verdict !== 'failed') return { meta, verdict: meta.verdict }
    if (!failed.includes(meta)) return { meta, verdict: 'not-reached' }
    const first = inOrder.slice(0, inOrder.indexOf(meta)).find((earlier) => mayFollow(meta, earlier))
    return { meta, verdict: 'failed', ...(first && { follows: first }) }
  })
}

/** One of these tells why the scenario did not come so far. */
function isExplained({ notReached }: ExpectationMeta, failed: ExpectationMeta[]): boolean {
  const { scenario } = notReached ?? {}
  if (scenario === undefined) return failed.length > 0
  return failed.some((meta) => meta.decidedAt?.scenario === scenario || meta.notReached?.scenario === scenario)
}

/** Decided in the same scenario and not before the other, or the same misconception. */
function mayFollow(later: ExpectationMeta, earlier: ExpectationMeta): boolean {
  if (later.misconception !== undefined && later.misconception === earlier.misconception) return true
  const [one, other] = [earlier.decidedAt, later.decidedAt]
  return one !== undefined && one.scenario === other?.scenario && one.ms <= other.ms
}

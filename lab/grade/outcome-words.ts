import type { Outcome } from './points/points.ts'

/** How an outcome is called; what is no verdict is named, and never a zero. */
export const OUTCOME_WORDS: Record<Outcome, string> = {
  passed: 'passed',
  failed: 'failed',
  'not-judged': 'not judged',
  error: 'error',
  missing: 'not handed in',
  'not-yet': 'not judged yet',
}

/** '7.5', '10'. */
export function pointsText(points: number): string {
  return String(points)
}

/** '7.5 of 10', or the word for why there are none. */
export function pointsOrWord({
  points,
  most,
  outcome,
}: {
  points: number | null
  most: number
  outcome: Outcome
}): string {
  return points === null ? OUTCOME_WORDS[outcome] : `${points} of ${most}`
}

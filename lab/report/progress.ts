import type { LessonTimes } from './report.ts'

/** How far a check is. */
export interface CheckProgress {
  decided: number
  /** Expectations in all. */
  total: number
  /** The title of the expectation that is being judged, or waits for its recordings. */
  awaiting?: string
}

/** How far a check is, in words: 'Checking, 12 s; 3 of 8 decided; now: waits between attempts'. */
export function progressText(what: string, ms: number, progress: CheckProgress | undefined): string {
  const said = [`${what}, ${(ms / 1000).toFixed(0)} s`]
  if (progress !== undefined && progress.total > 0) said.push(`${progress.decided} of ${progress.total} decided`)
  if (progress?.awaiting !== undefined) said.push(`now: ${progress.awaiting}`)
  return said.join('; ')
}

/** How far plays are: 'played 12 of 50, 11 passed'. */
export function howManyPlayed({ played, passed }: LessonTimes, wanted: number): string {
  return `played ${played} of ${wanted}, ${passed} passed`
}

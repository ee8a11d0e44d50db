import type { Rubric } from './rubric.ts'

const DAY_MS = 24 * 60 * 60_000
const MINUTE_MS = 60_000

/** How many days late something was handed in, and what that costs; undefined where it was in time. */
export function lateness({
  due,
  submittedMs,
  earned,
  late,
}: {
  due: string | undefined
  submittedMs: number | undefined
  earned: number
  late: Rubric['late']
}): { days: number; points: number } | undefined {
  if (due === undefined || submittedMs === undefined) return undefined
  const over = submittedMs - Date.parse(due) - late.graceMinutes * MINUTE_MS
  if (over <= 0) return undefined
  // Grace is grace: whoever misses it counts from the date itself.
  const days = Math.ceil((submittedMs - Date.parse(due)) / DAY_MS)
  const percent = Math.min(days * late.percentADay, late.mostPercent)
  return { days, points: Math.round(earned * percent) / 100 }
}

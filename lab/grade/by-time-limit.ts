import type { ExpectationReport, LessonReport } from '../report/report.ts'

/** Findings that say no more than that something took too long. */
const SLOW = new Set(['slow-to-load', 'not-started'])

/** Whether a lesson fell short, or could not be judged, because something did not come in time: a busy machine may do that. */
export function isByTimeLimit({ verdict, expectations }: LessonReport): boolean {
  return (verdict === 'failed' || verdict === 'not-judged') && expectations.some(isLate)
}

function isLate({ verdict, cutOff, misconception = '', trace = [] }: ExpectationReport): boolean {
  if (cutOff !== undefined) return true
  if (verdict !== 'failed') return false
  return SLOW.has(misconception) || trace.some(({ method }) => method === 'awaited.in-vain')
}

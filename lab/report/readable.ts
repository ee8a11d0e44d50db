import { visibleBegin } from '../text/visible.ts'
import type { CheckReport, LessonReport } from './report.ts'

/** Two screens of it are enough for anybody; JSON has the rest. */
const MOST_LINES = 60
/** The texts of a report that have lines: sentences with stacks, and what printed last. */
const WITH_LINES = new Set(['message', 'reason', 'seen'])

/**
 * A report whose texts can be printed as they are, by whatever prints them: what the student's process and the broker said
 * is in nearly all of them, and here nothing of it is hidden, moves the cursor or takes more than its place.
 */
export function readable<Report extends CheckReport | LessonReport>(report: Report): Report {
  return shown(report, '') as Report
}

function shown(value: unknown, name: string): unknown {
  if (typeof value === 'string') return WITH_LINES.has(name) ? lines(value) : visibleBegin(value)
  if (Array.isArray(value)) return value.map((each) => shown(each, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [visibleBegin(key), shown(each, key)]))
}

function lines(text: string): string {
  const all = text.split(/\r?\n/)
  const more = all.length - MOST_LINES
  const told = all.slice(0, MOST_LINES).map(visibleBegin)
  return (more > 0 ? [...told, `… (${more} more lines)`] : told).join('\n')
}

import { createHash } from 'node:crypto'
import type { LessonReport } from '../report/report.ts'
import type { LessonProgress } from './format.ts'
import { change, type Progress } from './store.ts'

/** Passes that are remembered for a lesson: enough to know older versions of the file again. */
const PASSES = 20

/** The broker that a check ran against. */
export interface JudgedOn {
  kind: string
  product: string
  version: string
}

/**
 * Remembers what a check of the student's own file found.
 *
 * @param content The file as it was judged: a pass counts for that content only.
 * @param options.isStarter It is the untouched starter: that it fails says nothing of the student, and opens no hint.
 */
export async function recordReport(
  root: string,
  report: LessonReport,
  broker: JudgedOn,
  content: string,
  options: { state?: string | undefined; now?: Date; isStarter?: boolean } = {},
): Promise<Progress> {
  const now = options.now ?? new Date()
  const edit = (lessonOf: (name: string) => LessonProgress) => {
    const entry = lessonOf(report.lesson)
    if (report.working) entry.working = true
    const isOwn = options.isStarter !== true || report.verdict === 'passed'
    if (isOwn) countSteps(entry, report)
    if (isOwn) countCheck(entry, report)
    if (report.verdict === 'passed') addPass(entry, broker, content, now)
  }
  return change(root, options.state, edit, now)
}

export function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/**
 * Only the first step that fell short counts as failed: it is the one that the student is at. What the lab could not
 * judge counts for nothing.
 */
function countSteps(entry: LessonProgress, report: LessonReport): void {
  for (const step of new Set(report.expectations.map((expectation) => expectation.step))) {
    const own = report.expectations.filter((expectation) => expectation.step === step)
    if (own.every(({ verdict }) => verdict === 'passed')) delete entry.failed[step]
  }
  if (report.verdict === 'passed') delete entry.failedLast
  if (report.verdict !== 'failed') return
  const short = report.expectations.filter(({ verdict }) => verdict === 'failed').map(({ step }) => step)
  // An exercise that can't even be run falls short of the first step.
  const step = short.length > 0 ? Math.min(...short) : 1
  entry.failed[step] = (entry.failed[step] ?? 0) + 1
  entry.failedLast = step
}

/** Checks up to the first pass; what the lab could not judge is none. */
function countCheck(entry: LessonProgress, { verdict }: LessonReport): void {
  const counts = entry.passed.length === 0 && (verdict === 'passed' || verdict === 'failed')
  if (counts) entry.checks = (entry.checks ?? 0) + 1
}

function addPass(entry: LessonProgress, { kind, product, version }: JudgedOn, content: string, now: Date): void {
  const pass = { kind, product, version, sha256: sha256(content), at: now.toISOString() }
  const others = entry.passed.filter(
    (old) => old.kind !== kind || old.product !== product || old.version !== version || old.sha256 !== pass.sha256,
  )
  entry.passed = [...others, pass].slice(-PASSES)
}

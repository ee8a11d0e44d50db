import type { TestModule } from 'vitest/node'
import type { ExpectationReport, LessonReport, StepReport, Verdict } from '../report/report.ts'
import { settle } from './causes.ts'
import type { ExpectationMeta } from './config.ts'

/** What became of one expectation. */
export interface Ran {
  title: string
  /** As the runner saw it: 'passed', 'failed', 'skipped', 'pending'. */
  state: string
  /** The expectation's own word. */
  meta: ExpectationMeta | undefined
  durationMs: number
  error?: string | undefined
}

type Report = LessonReport & { recordedOn?: { kind: string; product: string; version: string } }

/** Turns what vitest says of a check file into the lesson's report. */
export function lessonReport(
  lesson: string,
  module: TestModule | undefined,
  unhandled: unknown[],
  {
    playedMs = 0,
    only,
    placeToRead = () => undefined,
  }: {
    playedMs?: number | undefined
    only: string[]
    /** Where a heading of the lesson's text stands. */
    placeToRead?: (heading: string) => string | undefined
  },
): Report {
  const ran = [...(module?.children.allTests() ?? [])].map(
    (test): Ran => ({
      title: test.name,
      state: test.result().state,
      meta: test.meta().expectation,
      durationMs: test.diagnostic()?.duration ?? 0,
      error: test.result().errors?.[0]?.stack,
    }),
  )
  const errors = [...(module?.errors() ?? []), ...unhandled]
  return reportOf(lesson, module && ran, errors, { playedMs, only, placeToRead })
}

/**
 * A lesson's report from what became of its expectations. Trusts nothing that did not happen: only where every expectation
 * of the file ran to its end and passed is the lesson passed.
 */
export function reportOf(
  lesson: string,
  ran: Ran[] | undefined,
  errors: unknown[],
  {
    playedMs,
    only,
    placeToRead,
  }: { playedMs: number; only: string[]; placeToRead?: (heading: string) => string | undefined },
): Report {
  const empty = { lesson, working: false, durationMs: Math.round(playedMs), solutionsUsed: [], expectations: [] }
  if (!ran) return { ...empty, verdict: 'error', reason: `The check of ${lesson} did not run.` }

  // What nobody asked for is skipped, and says nothing; what can't be judged here says so.
  const tests = ran.filter(({ state, meta }) => only.length === 0 || state !== 'skipped' || meta !== undefined)
  const metas = tests.flatMap(({ meta }) => meta ?? [])
  const settled = new Map(settle(metas).map((each) => [each.meta, each]))
  const titleOf = (wanted: ExpectationMeta) => tests.find(({ meta }) => meta === wanted)?.title ?? ''
  const expectations: ExpectationReport[] = tests.map(({ title, state, meta, durationMs, error }) => {
    // A test that says 'passed' without its own word on what it judged has not judged anything.
    const isTrue = meta && (meta.verdict === 'passed') === (state === 'passed')
    const about = { step: meta?.step ?? 0, title, durationMs: Math.round(durationMs) }
    if (!isTrue) {
      return {
        ...about,
        verdict: 'error',
        message: meta?.message ?? error ?? `The test of this expectation ended as '${state}'.`,
      }
    }
    const { verdict = meta.verdict, follows } = settled.get(meta) ?? {}
    const scenarios = meta.scenarios === undefined ? {} : { scenarios: meta.scenarios }
    if (verdict === 'not-reached') {
      return { ...about, verdict, message: `not reached: ${meta.notReached?.why}`, ...scenarios }
    }
    // What follows from another failure is not explained by itself: that could be wrong.
    const explained = follows === undefined ? explanationOf(meta, placeToRead) : { follows: titleOf(follows) }
    return {
      ...about,
      verdict,
      ...(meta.message === undefined ? {} : { message: follows ? (meta.seen ?? meta.message) : meta.message }),
      ...(meta.seen === undefined || meta.seen === meta.message || follows ? {} : { seen: meta.seen }),
      ...explained,
      ...(meta.at === undefined ? {} : { at: meta.at }),
      ...(verdict === 'failed' ? { hint: `npm run lab, then 'hint'` } : {}),
      ...(meta.trace === undefined ? {} : { trace: meta.trace }),
      ...(meta.everything === undefined ? {} : { everything: meta.everything }),
      ...scenarios,
      ...(meta.cutOff === undefined ? {} : { cutOff: meta.cutOff }),
    }
  })
  const verdict: Verdict = errors.length > 0 ? 'error' : overall(expectations)
  const first = [...settled.values()].find((each) => each.verdict === 'failed')?.meta
  const firstError = errors[0] as { message?: string; stack?: string } | undefined
  return {
    ...empty,
    verdict,
    working: verdict !== 'error' && working(expectations),
    solutionsUsed: [...new Set(metas.flatMap((meta) => meta.solutionsUsed ?? []))],
    steps: steps(metas),
    expectations,
    ...(metas[0]?.broker ? { recordedOn: metas[0].broker } : {}),
    ...(firstError ? { reason: firstError.stack ?? firstError.message ?? 'The check itself failed.' } : {}),
    ...(first?.output && first.output.length > 0 ? { output: first.output } : {}),
  }
}

/** What it looks like, what its words mean, and what to read again. */
function explanationOf(
  { misconception, explained = [], read }: ExpectationMeta,
  placeToRead: ((heading: string) => string | undefined) | undefined,
): Partial<ExpectationReport> {
  const readAt = read === undefined ? undefined : placeToRead?.(read)
  return {
    ...(misconception === undefined ? {} : { misconception }),
    ...(explained.length === 0 ? {} : { explained }),
    ...(read === undefined ? {} : { read }),
    ...(readAt === undefined ? {} : { readAt }),
  }
}

function overall(expectations: ExpectationReport[]): Verdict {
  if (expectations.length === 0) return 'error'
  const verdicts = new Set(expectations.map((expectation) => expectation.verdict))
  if (verdicts.has('error')) return 'error'
  if (verdicts.has('failed')) return 'failed'
  return verdicts.has('not-judged') ? 'not-judged' : 'passed'
}

function working(expectations: ExpectationReport[]): boolean {
  const core = expectations.filter((expectation) => expectation.step === 1)
  return core.length > 0 && core.every((expectation) => expectation.verdict === 'passed')
}

function steps(metas: ExpectationMeta[]): StepReport[] {
  const titles = new Map(metas.map((meta) => [meta.step, meta.stepTitle]))
  return [...titles].sort(([a], [b]) => a - b).map(([step, title]) => ({ step, title }))
}

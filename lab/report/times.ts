import type {
  CheckReport,
  ExpectationReport,
  FailedSometimes,
  Judged,
  LessonReport,
  LessonTimes,
  TimesReport,
  Verdict,
} from './report.ts'

/** One play of a lesson, judged. */
export interface Play extends Judged {
  /** How many events its scenarios have that fell short. */
  events: number
  /** Where its recordings are kept, where they are. */
  folder?: string
}

/** Sums up plays of lessons, each played again and again. */
export function timesReport(
  plays: Play[],
  about: Pick<TimesReport, 'wanted' | 'durationMs' | 'seed' | 'recordings'>,
): CheckReport {
  const { wanted, durationMs, seed, recordings } = about
  // Of two with as many events the order has to be the same when they are judged again.
  const smallestFirst = plays.toSorted(
    (one, other) => one.events - other.events || (one.folder ?? '').localeCompare(other.folder ?? '', 'en'),
  )
  const byLesson = [...Map.groupBy(smallestFirst, ({ report }) => report.lesson).values()].toSorted(([one], [other]) =>
    (one?.report.lesson ?? '').localeCompare(other?.report.lesson ?? ''),
  )
  return {
    broker: plays.find(({ broker }) => broker !== null)?.broker ?? null,
    lessons: byLesson.map(summedUp),
    times: {
      wanted,
      ...countsOf(plays),
      durationMs: Math.round(durationMs),
      seed,
      expectations: byLesson.flatMap(failedSometimes),
      recordings,
      kept: smallestFirst.flatMap(({ report: { lesson }, events, folder }) =>
        folder === undefined ? [] : { lesson, events, folder },
      ),
    },
  }
}

/** One report for all plays of a lesson: each expectation as it was at its worst. */
function summedUp(plays: Play[]): LessonReport {
  const reports = plays.map(({ report }) => report)
  const worst = worstOf(reports)
  return {
    ...worst,
    working: reports.every(({ working }) => working),
    expectations: titlesOf(reports).map((title) => worstOf(all(title, reports))),
    times: countsOf(plays),
  }
}

function failedSometimes(plays: Play[]): FailedSometimes[] {
  const reports = plays.map(({ report }) => report)
  return titlesOf(reports).flatMap((title) => {
    const [first, ...more] = all(title, reports).filter(({ verdict }) => verdict === 'failed')
    if (first === undefined) return []
    const { step, message, misconception, follows } = first
    return {
      lesson: reports[0]?.lesson ?? '',
      step,
      title,
      failed: 1 + more.length,
      ...(message === undefined ? {} : { message }),
      ...(misconception === undefined ? {} : { misconception }),
      ...(follows === undefined ? {} : { follows }),
    }
  })
}

/** The titles of the expectations, in the order of the check; a play that broke off may lack some. */
function titlesOf(reports: LessonReport[]): string[] {
  return [...new Set(reports.flatMap(({ expectations }) => expectations.map(({ title }) => title)))]
}

/** What became of one expectation, play by play. */
function all(title: string, reports: LessonReport[]): ExpectationReport[] {
  return reports.flatMap(({ expectations }) => expectations.filter((expectation) => expectation.title === title))
}

/** What was seen once counts. Of several that are as bad as that, the first. */
function worstOf<Judged extends { verdict: string }>(judged: Judged[]): Judged {
  const badness = ({ verdict }: Judged) => ['passed', 'not-reached', 'not-judged', 'error', 'failed'].indexOf(verdict)
  const [worst] = judged.toSorted((one, other) => badness(other) - badness(one))
  if (worst === undefined) throw new Error('nothing was judged')
  return worst
}

/** How many there are, and how many of them passed and failed. */
export function countsOf(plays: Pick<Play, 'report'>[]): LessonTimes {
  const count = (verdict: Verdict) => plays.filter(({ report }) => report.verdict === verdict).length
  return { played: plays.length, passed: count('passed'), failed: count('failed') }
}

import { findings } from '../recording/ask.ts'
import { describe } from '../recording/describe.ts'
import type { RecordedEvent, Recording } from '../recording/recording.ts'
import { severalWorkersOf } from '../recording/workers.ts'
import { explain, wordsOf } from '../report/explain.ts'
import { traceRows } from '../report/trace.ts'
import { type Check, type Expectation, isWanted } from './check.ts'
import type { ExpectationMeta } from './config.ts'
import type { Misconceptions } from './misconceptions.ts'
import { cantBePlayed } from './needs.ts'
import { notInTime } from './not-in-time.ts'
import { placeOf } from './place.ts'
import { type Judge, type Shortfall, sentenceOf } from './shortfall.ts'

/** The findings that keep an exercise from running at all: nothing else can be said of it. */
const NOT_RUNNABLE = new Set([
  'file-missing',
  'syntax-error',
  'unsupported-syntax',
  'import-not-exported',
  'module-missing',
  'package-missing',
  'path-alias',
  'commonjs',
  'access-denied',
  'failed-to-load',
  'export-missing',
  'not-a-function',
  'slow-to-load',
  'not-started',
  'recording-flood',
])

const OUTPUT_LINES = 20
/** So many of them are shown beside the trace. */
const SHOWN_LINES = 8
/** What Node prints of itself and of packages when a process crashes: it pushes out what the student printed. */
const NOISE =
  /^\s*$|^\s+at .*(node:|node_modules|[\\/]lab[\\/])|^Node\.js v|^\s+\^$|^node:|^Emitted 'error' event|^\s*throw er?;|^\s+triggerUncaughtException\(|^\S*node_modules\S*:\d+$|^ {2}(errno|code|syscall|address|port): \S+,?$|^\}$/

/** What an expectation is judged with. */
export interface Judging {
  check: Check
  misconceptions: Misconceptions
  /** Titles: judge what the scenarios of these allow. Empty: all. */
  only: string[]
  /** Whether the recordings were kept: then it does not matter what this machine lacks. */
  isKept: boolean
  /** By the scenario's name. */
  recordingOf: (scenario: string) => Promise<Recording>
}

export interface Judged {
  meta: ExpectationMeta
  /** What it was judged by, or what says why it was not played; none where that was known before. */
  recordings: Recording[]
}

/** Judges one expectation by the recordings of its scenarios; undefined where nobody asked for these. */
export async function judgeExpectation(
  { reads, judge, step, stepTitle }: Expectation,
  { check, misconceptions, only, isKept, recordingOf }: Judging,
): Promise<Judged | undefined> {
  if (!reads.every((scenario) => isWanted(scenario, check, only))) return undefined
  const about = { step, stepTitle, scenarios: reads.map(({ name }) => name) }
  const notJudged = (message: string): Judged => ({
    meta: { ...about, verdict: 'not-judged', message },
    recordings: [],
  })
  const reason = isKept ? undefined : reads.map(cantBePlayed).find((why) => why !== undefined)
  if (reason !== undefined) return notJudged(reason)
  const recordings = await Promise.all(reads.map(({ name }) => recordingOf(name)))
  const { notPlayed } = recordings.find((recording) => recording.notPlayed !== undefined) ?? {}
  if (notPlayed !== undefined) return { ...notJudged(notPlayed), recordings }
  return { meta: { ...about, ...judgement(recordings, judge, misconceptions) }, recordings }
}

function judgement(
  recordings: Recording[],
  judge: Judge,
  misconceptions: Misconceptions,
): Omit<ExpectationMeta, 'step' | 'stepTitle'> {
  const common = {
    ...(recordings[0] ? { broker: recordings[0].broker } : {}),
    solutionsUsed: [...new Set(recordings.flatMap(solutionsUsed))],
  }
  const notRunnable = recordings.flatMap(findings).find((finding) => NOT_RUNNABLE.has(finding.id))
  if (notRunnable) {
    return {
      ...common,
      verdict: 'failed',
      message: sentenceOf(notRunnable),
      misconception: notRunnable.id,
      notReached: { why: 'your file could not be run' },
      output: output(recordings),
    }
  }
  const shortfall = judge(...recordings)
  const late = notInTime(recordings, shortfall)
  if (late !== undefined) return { ...common, verdict: 'not-judged', ...late }
  if (!shortfall) return { ...common, verdict: 'passed' }

  const { seen, looksLike, show, instead, notReached } = shortfall
  const explained = looksLike === undefined ? undefined : misconceptions[looksLike]
  const { says: sentence, read } = { ...explained }
  if (looksLike !== undefined && explained === undefined) {
    return {
      ...common,
      verdict: 'error',
      message: `The check names a misconception that it does not explain: ${looksLike}`,
    }
  }
  const shown = show && inOrder(show, recordings)
  const last = shown?.at(-1)
  const wrong = instead === undefined ? shortfall.wrong : { event: last, instead }
  const trace = traceRows(
    shown ?? lastResort(recordings),
    wrong?.event === undefined ? { event: last } : wrong,
    workers(recordings),
  )
  const at = placeOf(wrong?.event, recordings)
  const printed = output(shownOf(recordings, show))
  const crashed = trace.some(({ method }) => method.startsWith('finding.')) ? unhandledEvents(recordings) : []
  return {
    ...common,
    verdict: 'failed',
    message: [ended(seen), sentence].filter(Boolean).join(' '),
    seen: ended(seen),
    ...(at === undefined ? {} : { at }),
    // What was printed may well have to do with something else; where nothing else explains the failure, it may help.
    explained: explain([
      seen,
      ...trace.map(wordsOf),
      ...(looksLike === undefined ? printed.slice(-SHOWN_LINES) : []),
      ...crashed,
    ]),
    ...(looksLike === undefined ? {} : { misconception: looksLike }),
    ...(read === undefined ? {} : { read }),
    trace,
    output: printed,
    ...(notReached === undefined ? {} : { notReached }),
    ...decidedAt(wrong?.event ?? last, recordings),
  }
}

function decidedAt(event: RecordedEvent | undefined, recordings: Recording[]): Pick<ExpectationMeta, 'decidedAt'> {
  const recording = event && recordings.find(({ events }) => events.includes(event))
  return recording ? { decidedAt: { scenario: recording.scenario, ms: event.ms } } : {}
}

/** The events in the order in which they happened, each once; those of one recording after those of another. */
function inOrder(show: NonNullable<Shortfall['show']>, recordings: Recording[]): RecordedEvent[] {
  const all = recordings.flatMap(({ events }) => events)
  // Some are shown shortened: a copy stands where its original does.
  const placeIn = (event: RecordedEvent) =>
    all.includes(event) ? all.indexOf(event) : all.findIndex(({ kind, ms }) => kind === event.kind && ms === event.ms)
  const shown = [...new Set(show.filter((event) => event !== undefined))]
  return shown
    .map((event) => ({ event, place: placeIn(event) }))
    .sort((one, other) => one.place - other.place)
    .map(({ event }) => event)
}

/** A sentence that ends with somebody's words may lack its full stop. */
function ended(seen: string): string {
  return /[.!?:…]['"`)]?$/.test(seen.trimEnd()) ? seen : `${seen}.`
}

function lastResort(recordings: Recording[]): RecordedEvent[] {
  return recordings.flatMap(({ events }) => {
    const at = events.findLastIndex((event) => event.kind === 'awaited' || event.kind === 'finding')
    if (at === -1) return []
    const told = events.slice(0, at + 1).filter((event) => describe(event) !== '')
    return told.slice(-7)
  })
}

function solutionsUsed(recording: Recording): string[] {
  return recording.events.flatMap((event) =>
    event.kind === 'told' && event.name === 'solutions-used' && Array.isArray(event.data) ? event.data.map(String) : [],
  )
}

/** Whose an event is, in scenarios with several processes of the student's. */
function workers(recordings: Recording[]): (event: RecordedEvent) => number | undefined {
  const found = recordings.flatMap((recording) => {
    const workerOf = severalWorkersOf(recording)
    return workerOf === undefined ? [] : { events: new Set(recording.events), workerOf }
  })
  return (event) => found.find(({ events }) => events.has(event))?.workerOf(event)
}

/** The recordings that the evidence is from: what was printed elsewhere says nothing of it. */
function shownOf(recordings: Recording[], show: Shortfall['show'] = []): Recording[] {
  const from = recordings.filter(({ events }) => show.some((event) => event !== undefined && events.includes(event)))
  return from.length > 0 ? from : recordings
}

/** What Node says when it ends a process over an 'error' event that nobody listened for. */
function unhandledEvents(recordings: Recording[]): string[] {
  return recordings.flatMap(({ events }) =>
    events.flatMap((event) =>
      event.kind === 'process' && /^Emitted 'error' event/.test(event.text ?? '') ? [event.text ?? ''] : [],
    ),
  )
}

function output(recordings: Recording[]): string[] {
  const lines = recordings.flatMap(({ events }) =>
    events.flatMap((event) => (event.kind === 'process' && event.text !== undefined ? [event.text] : [])),
  )
  return lines.filter((line) => !NOISE.test(line)).slice(-OUTPUT_LINES)
}

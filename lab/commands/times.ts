import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { keepPlay, keptPlays } from '../check/kept.ts'
import type { Session, Wanted } from '../check/session.ts'
import { LabError } from '../errors.ts'
import { stamp } from '../lessons/exercise.ts'
import type { Recording } from '../recording/recording.ts'
import { howManyPlayed } from '../report/progress.ts'
import type { Judged } from '../report/report.ts'
import { countsOf, type Play, timesReport } from '../report/times.ts'
import { ROOT } from '../root.ts'
import { untilInterrupted } from './interrupted.ts'
import { type SideBySide, sideBySide } from './side-by-side.ts'

/** How many plays go on side by side. */
const SIDE_BY_SIDE: SideBySide = { least: 2, most: 8 }
/** Of more plays than these nobody looks at the recordings: those with the most events are dropped. */
const MOST_KEPT = 20
/** A seed that nobody gave is short enough to be typed again. */
const MOST_CHOSEN_SEED = 100_000

type Judging = Pick<Session, 'check'>

export interface Plays {
  /** How often each lesson is played, where it is about many plays. */
  times: number | undefined
  /** The first play's; each further one has the next. */
  seed: number | undefined
  /** Judge what is kept here; null where it is played now. */
  from: string | null
  /** Where the recordings of plays that fail are kept; null: among the lab's own files. */
  folder: string | null
  /** Told how far it is, in words. */
  onPlayed: (words: string) => void
}

/** What checks lessons: the session as it is, or by many plays that are summed up, new ones or such as are kept. */
export function playsOf(session: Judging, { times, seed, from, folder, onPlayed }: Plays): Judging {
  if (from !== null) return keptPlays(from).length > 0 ? again(session, from) : session
  if (times === undefined) return session
  return repeatedly(session, {
    times,
    seed: seed ?? randomInt(1, MOST_CHOSEN_SEED),
    folder: folder ?? join(ROOT, '.lab', 'times', stamp(new Date())),
    onPlayed,
  })
}

/**
 * Plays lessons again and again, as many plays side by side as the machine has room for, and sums them up. Ctrl-C ends it;
 * what is known by then counts.
 */
function repeatedly(
  session: Judging,
  { times, seed, folder, onPlayed }: { times: number; seed: number; folder: string } & Pick<Plays, 'onPlayed'>,
): Judging {
  return {
    async check(wanted) {
      using interrupted = untilInterrupted()
      const { signal } = interrupted
      const from = performance.now()
      const lessons = Array.from({ length: times }, () => wanted.lessons).flat()
      const count = lessons.length
      const left = lessons.map((lesson, nth) => ({ ...wanted, lesson, seed: seed + nth, signal }))
      const end = () => void left.splice(0)
      signal.addEventListener('abort', end)
      const plays: Play[] = []
      await sideBySide(SIDE_BY_SIDE, [left], async (play) => {
        const played = await playOnce(session, play, folder).catch((error: unknown) => {
          if (signal.aborted) return undefined
          end()
          throw error
        })
        // What was ended in the middle says nothing.
        if (played === undefined || signal.aborted) return
        plays.push(played)
        dropLargest(plays)
        onPlayed(howManyPlayed(countsOf(plays), count))
      })
      const isAnyKept = plays.some((play) => play.folder !== undefined)
      return timesReport(plays, {
        wanted: count,
        seed,
        recordings: isAnyKept ? folder : null,
        durationMs: performance.now() - from,
      })
    },
  }
}

/** Judges again the plays that are kept in a folder, and sums them up. */
function again(session: Judging, folder: string): Judging {
  return {
    async check(wanted) {
      const from = performance.now()
      const plays: Play[] = []
      for (const kept of keptPlays(folder)) {
        for (const lesson of wanted.lessons.filter((name) => kept.lessons.includes(name))) {
          const { report, broker } = await judged(session, { ...wanted, lessons: [lesson], from: kept.folder })
          plays.push({ report, broker, events: kept.events, folder: kept.folder })
        }
      }
      if (plays.length === 0)
        throw new LabError('not-kept', `There is no recorded play of ${wanted.lessons.join(', ')} in ${folder}.`)
      return timesReport(plays, {
        wanted: plays.length,
        seed: null,
        recordings: folder,
        durationMs: performance.now() - from,
      })
    },
  }
}

async function playOnce(
  session: Judging,
  { lesson, seed, ...wanted }: Wanted & { lesson: string; seed: number },
  folder: string,
): Promise<Play> {
  const recordings = new Set<Recording>()
  const short = new Set<Recording>()
  const { report, broker } = await judged(session, {
    ...wanted,
    lessons: [lesson],
    seed,
    record: null,
    onJudged(_title, { meta, recordings: judgedBy }) {
      for (const recording of judgedBy) {
        recordings.add(recording)
        if (meta.verdict === 'failed') short.add(recording)
      }
    },
  })
  const events = [...short].reduce((sum, recording) => sum + recording.events.length, 0)
  if (report.verdict !== 'failed' || wanted.signal?.aborted) return { report, broker, events }
  return { report, broker, events, folder: keepPlay(folder, { events, seed, recordings: [...recordings] }) }
}

async function judged(session: Judging, wanted: Wanted): Promise<Judged> {
  const { lessons, broker } = await session.check({ ...wanted, directly: true })
  const [report] = lessons
  if (report === undefined) throw new LabError('no-report', `The check of ${wanted.lessons} left no report.`)
  return { report, broker }
}

function dropLargest(plays: Play[]): void {
  const kept = plays.filter(({ folder }) => folder !== undefined)
  if (kept.length <= MOST_KEPT) return
  const [largest] = kept.toSorted((one, other) => other.events - one.events)
  if (largest?.folder === undefined) return
  rmSync(largest.folder, { recursive: true })
  delete largest.folder
}

import type { RecordedEvent, Recording } from '../recording/recording.ts'
import type { Check } from './check.ts'
import type { Judge, Shortfall } from './shortfall.ts'

/** Where a recording decides an expectation: what shows that it falls short, or the event with which it became true. */
export interface Decided {
  scenario: string
  /** Where the event stands in the recording. */
  place: number
}

/**
 * Where each expectation of a check is decided, by its title. Judges only read: they are asked again, here.
 *
 * @param recordingOf undefined where a scenario has left no recording
 */
export function decidedIn(
  check: Check,
  recordingOf: (scenario: string) => Recording | undefined,
): Map<string, Decided[]> {
  return new Map(
    check.expectations.map(({ title, reads, judge }) => {
      const recordings = reads.flatMap(({ name }) => recordingOf(name) ?? [])
      const isWhole = recordings.length === reads.length && recordings.every(({ notPlayed }) => notPlayed === undefined)
      return [title, isWhole ? decided(judge, recordings) : []]
    }),
  )
}

function decided(judge: Judge, recordings: Recording[]): Decided[] {
  const { shortfall } = judged(judge, recordings) ?? { shortfall: NOTHING_SHOWN }
  if (shortfall === undefined) return recordings.flatMap((_, i) => becameTrue(judge, recordings, i))
  const last = (shortfall.show ?? []).filter((event) => event !== undefined)
  const event = shortfall.wrong?.event ?? latest(last, recordings)
  return recordings.flatMap(({ scenario, events }) => {
    const place = event === undefined ? -1 : events.indexOf(event)
    return place === -1 ? [] : { scenario, place }
  })
}

const NOTHING_SHOWN: Shortfall = { seen: '' }

/** undefined where the judge throws: it may count on what a whole recording has. */
function judged(judge: Judge, recordings: Recording[]): { shortfall: Shortfall | undefined } | undefined {
  try {
    return { shortfall: judge(...recordings) }
  } catch {
    return undefined
  }
}

function latest(events: RecordedEvent[], recordings: Recording[]): RecordedEvent | undefined {
  const all = recordings.flatMap(({ events }) => events)
  const places = events.map((event) => all.indexOf(event))
  return all[Math.max(...places)]
}

/**
 * The event with which one of the recordings came to satisfy the judge, the others as they are: without it something is
 * missing, with it nothing is. By bisection: an empty recording falls short, the whole one does not.
 */
function becameTrue(judge: Judge, recordings: Recording[], which: number): Decided[] {
  const recording = recordings[which]
  if (recording === undefined) return []
  const isTrue = (length: number) => {
    const part = { ...recording, events: recording.events.slice(0, length) }
    const answer = judged(
      judge,
      recordings.map((one, i) => (i === which ? part : one)),
    )
    return answer !== undefined && answer.shortfall === undefined
  }
  let [short, enough] = [0, recording.events.length]
  if (isTrue(short)) return []
  while (enough - short > 1) {
    const middle = Math.floor((short + enough) / 2)
    if (isTrue(middle)) enough = middle
    else short = middle
  }
  return [{ scenario: recording.scenario, place: enough - 1 }]
}

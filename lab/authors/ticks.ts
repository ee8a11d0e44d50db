import type { Check, Expectation } from '../check/check.ts'
import type { Recording } from '../recording/recording.ts'

/** By expectation: the marks of its scenarios without which it does not pass, as "SCENARIO: 'MARK'". */
export type Needs = Map<string, string[]>

/**
 * What each expectation needs for a tick, read off recordings that it passes: with a recording that ends before a mark it
 * passes only where it doesn't need that mark.
 */
export function needsOf({ expectations }: Check, recordingOf: (scenario: string) => Recording | undefined): Needs {
  return new Map(
    expectations.map((expectation) => {
      const recordings = expectation.reads.map(({ name }) => recordingOf(name))
      const isPlayed = (each: Recording | undefined): each is Recording => each !== undefined && !each.notPlayed
      return [expectation.title, recordings.every(isPlayed) ? marksNeeded(expectation, recordings) : []]
    }),
  )
}

function marksNeeded({ judge }: Expectation, recordings: Recording[]): string[] {
  return recordings.flatMap((recording, i) =>
    recording.events.flatMap((event, at) => {
      if (event.kind !== 'mark') return []
      const cut = { ...recording, events: recording.events.slice(0, at) }
      const passes = judge(...recordings.with(i, cut)) === undefined
      return passes ? [] : [markIn(recording.scenario, event.name)]
    }),
  )
}

/** The marks that these came to. */
export function marksOf(recordings: Recording[]): string[] {
  return recordings.flatMap(({ scenario, events }) =>
    events.flatMap((event) => (event.kind === 'mark' ? [markIn(scenario, event.name)] : [])),
  )
}

function markIn(scenario: string, mark: string): string {
  return `${scenario}: '${mark}'`
}

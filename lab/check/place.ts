import type { RecordedEvent, Recording } from '../recording/recording.ts'
import { siteOf } from '../recording/sites.ts'
import type { Place } from '../report/report.ts'

/** The line of the student's file from which an event came; undefined where that is not certain. */
export function placeOf(event: RecordedEvent | undefined, recordings: Recording[]): Place | undefined {
  if (event?.kind === 'finding') return event.at
  // What a call rejected with has been checked against its schema.
  if (event?.kind === 'told' && event.name === 'settled') return (event.data as { error?: { at?: Place } }).error?.at
  if (event?.kind !== 'frame' || event.from !== 'student') return undefined
  const recording = recordings.find(({ events }) => events.includes(event))
  const site = recording && siteOf(event, recording)
  return site && { file: site.file, line: site.line, text: site.text }
}

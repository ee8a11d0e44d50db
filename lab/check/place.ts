import type { FrameEvent, RecordedEvent, Recording, SiteEvent } from '../recording/recording.ts'
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

/** The call of the student's that this frame is: the same method, channel and socket, and as many before it. */
function siteOf(frame: FrameEvent, { events }: Recording): SiteEvent | undefined {
  const { connection, channel, method } = frame
  const accepted = events.find(
    (event) => event.kind === 'tcp' && event.what === 'accepted' && event.connection === connection,
  )
  if (accepted?.kind !== 'tcp' || accepted.port === undefined) return undefined
  const same = events.filter(
    (event) =>
      event.kind === 'frame' &&
      event.from === 'student' &&
      event.connection === connection &&
      event.channel === channel &&
      event.method === method,
  )
  const nth = same.indexOf(frame) + 1
  const sites = events.filter(
    (event): event is SiteEvent =>
      event.kind === 'site' &&
      event.port === accepted.port &&
      event.channel === channel &&
      event.method === method &&
      event.nth === nth,
  )
  // A port that was used twice would make it a guess.
  return sites.length === 1 ? sites[0] : undefined
}

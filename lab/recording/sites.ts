import { type Events, once } from './once.ts'
import type { FrameEvent, RecordedEvent, SiteEvent } from './recording.ts'

/** The line of the student's from which each frame was sent, where that is certain. */
const sites = once((recording): Map<RecordedEvent, SiteEvent> => {
  const ports = portsOf(recording)
  const told = Map.groupBy(
    recording.events.filter((event) => event.kind === 'site'),
    ({ port, channel, method, nth }) => `${port}/${channel}/${method}/${nth}`,
  )
  const counts = new Map<string, number>()
  const found = new Map<RecordedEvent, SiteEvent>()
  for (const event of recording.events) {
    if (event.kind !== 'frame' || event.from !== 'student') continue
    const { connection, channel, method } = event
    const place = `${connection}/${channel}/${method}`
    const nth = (counts.get(place) ?? 0) + 1
    counts.set(place, nth)
    const [site, ...others] = told.get(`${ports.get(connection)}/${channel}/${method}/${nth}`) ?? []
    // A port that was used twice would make it a guess.
    if (site !== undefined && others.length === 0) found.set(event, site)
  }
  return found
})

/** The call of the student's that this frame is: the same method, channel and socket, and as many before it. */
export function siteOf(frame: FrameEvent, recording: Events): SiteEvent | undefined {
  return sites(recording).get(frame)
}

/** The port of the student's end of each connection. */
function portsOf({ events }: Events): Map<number, number> {
  const found = new Map<number, number>()
  for (const event of events) {
    if (event.kind !== 'tcp' || event.what !== 'accepted' || event.port === undefined) continue
    if (!found.has(event.connection)) found.set(event.connection, event.port)
  }
  return found
}

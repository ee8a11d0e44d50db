import type { RecordedEvent } from '../recording/recording.ts'
import type { Fold } from './shared/film.ts'

const HANDSHAKE =
  /^(protocol-header|connection\.(start|start-ok|secure|secure-ok|tune|tune-ok|open|open-ok)|channel\.open|channel\.open-ok)$/

/** What folds away: handshakes that came to their end, heartbeats, and the lab's own way to see whether a process answers. */
export function foldsOf(events: RecordedEvent[]): (Fold | undefined)[] {
  const opened = new Set(
    events.flatMap((event) =>
      event.kind === 'frame' && event.method === 'connection.open-ok' && !event.held ? event.connection : [],
    ),
  )
  const probes = probesIn(events)
  return events.map((event) => {
    if (probes.has(event)) return 'probe'
    if (event.kind !== 'frame' || event.held) return undefined
    if (event.method === 'heartbeat') return 'heartbeat'
    return HANDSHAKE.test(event.method) && opened.has(event.connection) ? 'handshake' : undefined
  })
}

/** The driver's round trip: a call, a passive declare that is answered, and that it resolved. */
function probesIn(events: RecordedEvent[]): Set<RecordedEvent> {
  const found = new Set<RecordedEvent>()
  const calls = new Set<string>()
  const asked = new Set<string>()
  for (const event of events) {
    if (event.kind === 'told' && event.name === 'pong') found.add(event)
    if (event.kind === 'called' && event.name === 'roundTrip') {
      calls.add(`${event.student}/${event.id}`)
      found.add(event)
    }
    if (event.kind === 'told' && event.name === 'settled' && event.data.ok) {
      if (calls.has(`${event.student}/${event.data.id}`)) found.add(event)
    }
    if (event.kind !== 'frame') continue
    const place = `${event.connection}/${event.channel}`
    const { exchange, passive } = event.fields
    if (event.method === 'exchange.declare' && passive === true && exchange === 'amq.direct') {
      asked.add(place)
      found.add(event)
    }
    if (event.method === 'exchange.declare-ok' && asked.delete(place)) found.add(event)
  }
  return found
}

import type { RecordedEvent, Recording } from './recording.ts'

/**
 * Which of the student's processes each event belongs to, counted from 1; undefined for what belongs to none. A process
 * tells the port of each socket that it opens, and the wire knows the same port as the other end of a connection.
 */
export function workersOf({ events }: Pick<Recording, 'events'>): (event: RecordedEvent) => number | undefined {
  const byConnection = new Map<number, number>()
  const ports = new Map<number, number>()
  for (const event of events) {
    if (event.kind === 'socket') ports.set(event.port, ports.has(event.port) ? Number.NaN : event.student)
  }
  for (const event of events) {
    if (event.kind !== 'tcp' || event.what !== 'accepted' || event.port === undefined) continue
    // A port that was used twice would make it a guess.
    const student = ports.get(event.port)
    if (student !== undefined && !Number.isNaN(student)) byConnection.set(event.connection, student)
  }
  return (event) => {
    if ('student' in event) return event.student
    return event.kind === 'frame' || event.kind === 'tcp' ? byConnection.get(event.connection) : undefined
  }
}

/** As workersOf(), where there are several to tell apart. */
export function severalWorkersOf(recording: Pick<Recording, 'events'>): ReturnType<typeof workersOf> | undefined {
  const isSeveral = recording.events.some((event) => 'student' in event && event.student > 1)
  return isSeveral ? workersOf(recording) : undefined
}

import { type Connection, type ConnectionEnd, connections, type Reached } from './connections.ts'
import type { Recording } from './recording.ts'

/** One attempt to connect, as the wire saw it. An attempt at a closed port leaves no trace here. */
export interface Attempt {
  connection: number
  acceptedMs: number
  reached: Reached
  /** When the connection was open; missing when it never was. */
  openMs?: number
  /** Why it did not come to be open. Missing: it was opened, or had neither failed nor ended when the recording did. */
  failure?: ConnectionEnd
  /** The broker refused the credentials or the virtual host: trying again would not help. */
  refused: boolean
}

const FORCED = 320

/** The attempts, in order. */
export function attempts(recording: Pick<Recording, 'events'>): Attempt[] {
  return connections(recording).map((connection) => {
    const { acceptedMs, reached, openMs, end } = connection
    const failed = openMs === undefined && end !== undefined
    return {
      connection: connection.connection,
      acceptedMs,
      reached,
      ...(openMs !== undefined && { openMs }),
      ...(failed && { failure: end }),
      refused: failed && isRefusal(connection),
    }
  })
}

/** A connection.close that answers start-ok or open; 320 only says that the broker is going down. */
function isRefusal({ reached, end }: Connection): boolean {
  return reached === 'start-ok' && end?.how === 'closed' && end.by === 'broker' && end.replyCode !== FORCED
}

import type { FrameEvent, RecordedEvent, Recording, Side, TcpEvent } from './recording.ts'

/**
 * How far a connection got. tcp: it was accepted. header: the client sent its protocol header. start-ok: and its
 * credentials. open: the broker let it into the virtual host.
 */
export type Reached = 'tcp' | 'header' | 'start-ok' | 'open'

export interface Connection {
  connection: number
  acceptedMs: number
  /** That it came. */
  accepted: TcpEvent
  /** When the broker's connection.open-ok went on to the client, if it did; or the first sign that it had. */
  openMs?: number
  reached: Reached
  /** connection_name among the client's properties. */
  name?: string
  virtualHost?: string
  /** Seconds; 0 is none. What the client answered to the broker's proposal. */
  heartbeat?: number
  /** How it ended: the first event that says so. Missing: it was open at the end of the recording. */
  end?: ConnectionEnd
}

export interface ConnectionEnd {
  ms: number
  /**
   * closed: with connection.close. ended: a FIN without it. reset: an RST. unreachable: the broker behind the wire was
   * not there.
   */
  how: 'closed' | 'ended' | 'reset' | 'unreachable'
  by: Side | 'lab'
  replyCode?: number
  replyText?: string
  event: FrameEvent | TcpEvent
}

/** Every TCP connection that the wire has seen, in the order in which they came. */
export function connections(recording: Pick<Recording, 'events'>): Connection[] {
  const found = new Map<number, Connection>()
  for (const event of recording.events) {
    if (event.kind === 'tcp' && event.what === 'accepted') {
      found.set(event.connection, {
        connection: event.connection,
        acceptedMs: event.ms,
        accepted: event,
        reached: 'tcp',
      })
    } else if (event.kind === 'tcp' || event.kind === 'frame') {
      const connection = found.get(event.connection)
      if (connection === undefined) continue
      if (event.kind === 'frame') learn(connection, event)
      const end = endOf(event)
      if (end !== undefined) connection.end ??= end
    }
  }
  return [...found.values()]
}

/** A wait between a failure that the lab made and the next attempt to connect. */
export interface Wait {
  ms: number
  failure: ConnectionEnd
  next: Connection
}

/** The waits after attempts that the lab broke, in order. */
export function waits(recording: Pick<Recording, 'events'>): Wait[] {
  const all = connections(recording)
  return all.flatMap(({ end }, i) => {
    const next = all[i + 1]
    return next && end?.by === 'lab' ? [{ ms: next.acceptedMs - end.ms, failure: end, next }] : []
  })
}

/** Whether the connection was open, with its handshake done, at that time. */
export function isOpenAt({ openMs, end }: Connection, ms: number): boolean {
  return openMs !== undefined && openMs <= ms && (end === undefined || end.ms > ms)
}

function learn(connection: Connection, { from, method, fields, held, ms }: FrameEvent): void {
  if (from === 'student') {
    if (method === 'protocol-header') connection.reached = 'header'
    if (method === 'connection.start-ok') {
      connection.reached = 'start-ok'
      const name = (fields.clientProperties as Record<string, unknown> | undefined)?.connection_name
      if (typeof name === 'string') connection.name = name
    }
    if (method === 'connection.tune-ok' && typeof fields.heartbeat === 'number') {
      connection.heartbeat = fields.heartbeat
    }
    if (method === 'connection.open' && typeof fields.virtualHost === 'string') {
      connection.virtualHost = fields.virtualHost
    }
    if (method === 'channel.open' && connection.openMs === undefined) {
      // Only who has had the broker's answer opens a channel: it was held, and let go.
      connection.reached = 'open'
      connection.openMs = ms
    }
  } else if (method === 'connection.open-ok' && !held) {
    connection.reached = 'open'
    connection.openMs = ms
  }
}

function endOf(event: RecordedEvent): ConnectionEnd | undefined {
  if (event.kind === 'frame') {
    if (event.method !== 'connection.close' || event.held) return undefined
    const { replyCode, replyText } = event.fields
    return {
      ms: event.ms,
      how: 'closed',
      by: event.from,
      ...(typeof replyCode === 'number' && { replyCode }),
      ...(typeof replyText === 'string' && { replyText }),
      event,
    }
  }
  if (event.kind !== 'tcp' || event.what === 'accepted') return undefined
  const how = event.what === 'upstream-failed' ? 'unreachable' : event.what
  return { ms: event.ms, how, by: event.by ?? 'lab', event }
}

import type { RecordedEvent, SiteEvent, SocketEvent } from '../recording/recording.ts'
import type { TraceRow } from './report.ts'

/**
 * Turns recorded events into the rows of a trace. What is no frame gets a method of its own: 'tcp.accepted', 'told.began'.
 *
 * @param wrong the event that shows the mistake, and what was expected instead
 * @param workerOf which of the student's processes an event belongs to, where there are several
 */
export function traceRows(
  events: RecordedEvent[],
  wrong?: { event: RecordedEvent | undefined; instead?: string },
  workerOf: (event: RecordedEvent) => number | undefined = () => undefined,
): TraceRow[] {
  return events.flatMap((event) => {
    // They tell of others what they are, and are no part of the exchange.
    if (event.kind === 'site' || event.kind === 'socket') return []
    const worker = workerOf(event)
    const row = { ...traceRow(event), ...(worker === undefined ? {} : { worker }) }
    if (wrong?.event !== event) return row
    return { ...row, wrong: true, ...(wrong.instead === undefined ? {} : { note: `expected: ${wrong.instead}` }) }
  })
}

function traceRow(event: Exclude<RecordedEvent, SiteEvent | SocketEvent>): TraceRow {
  const row = { ms: event.ms, connection: 0, channel: 0 }
  switch (event.kind) {
    case 'frame':
      return {
        ms: event.ms,
        from: event.from,
        connection: event.connection,
        channel: event.channel,
        method: event.method,
        fields: event.fields,
        ...(event.held ? { note: 'held back by the lab' } : {}),
      }
    case 'tcp':
      return {
        ...row,
        from: event.by ?? (event.what === 'upstream-failed' ? 'broker' : 'student'),
        connection: event.connection,
        method: `tcp.${event.what}`,
        fields: event.detail === undefined ? {} : { detail: event.detail },
      }
    case 'fault':
      return { ...row, from: 'lab', method: `fault.${event.name}`, fields: { on: event.on } }
    case 'process': {
      const { kind: _, ms: __, what, student: ___, ...fields } = event
      return { ...row, from: what === 'signalled' ? 'lab' : 'student', method: `process.${what}`, fields }
    }
    case 'called':
      return { ...row, from: 'lab', method: `ask.${event.name}`, fields: { id: event.id, args: event.args } }
    case 'asked':
      return { ...row, from: 'lab', method: `ask.${event.name}`, fields: asFields(event.data) }
    case 'told':
      return { ...row, from: 'student', method: `told.${event.name}`, fields: asFields(event.data) }
    case 'broker':
      return { ...row, from: 'broker', method: `held.${event.what}`, fields: event.data }
    case 'mark':
      return { ...row, from: 'lab', method: 'mark', fields: { name: event.name } }
    case 'awaited':
      return {
        ...row,
        from: 'lab',
        method: 'awaited.in-vain',
        fields: { what: event.what, waitedMs: event.waitedMs ?? event.limitMs, limitMs: event.limitMs },
      }
    case 'cut-off':
      return { ...row, from: 'lab', method: 'cut-off', fields: { limitMs: event.limitMs } }
    case 'finding':
      return { ...row, from: 'lab', method: `finding.${event.id}`, fields: { sentence: event.sentence } }
  }
}

function asFields(data: unknown): Record<string, unknown> {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Record<string, unknown>
  return data === undefined || data === null ? {} : { data }
}

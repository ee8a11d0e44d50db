import type { RecordedEvent, Recording } from '../recording/recording.ts'
import type { TraceRow } from '../report/report.ts'
import { traceRows } from '../report/trace.ts'
import { align, type Stretch } from './align.ts'
import { keyOf } from './trace-key.ts'

/** What happened in both at this point; one of them may be missing. */
export interface TracePair {
  left?: TraceRow
  right?: TraceRow
  same: boolean
}

export interface ComparedScenario {
  name: string
  rows: TracePair[]
}

/** A flood is the same after this as before. */
const MOST_ROWS = 2_000

/** Both recordings of a scenario, beside each other. When something happened makes no difference. */
export function compareTraces(name: string, yours: Recording | undefined, solution: Recording | undefined) {
  const stretches = align(telling(yours?.events ?? []), telling(solution?.events ?? []), keyOf)
  const rows = stretches.flatMap((stretch) => (stretch.same ? pairs(stretch, true) : different(stretch)))
  return { name, rows } satisfies ComparedScenario
}

/** The same method with other fields stands in one row; what only one of them has, in a row of its own. */
function different({ left, right }: Stretch<TraceRow>): TracePair[] {
  return align(left, right, ({ from, method }) => `${from} ${method}`).flatMap((stretch) =>
    stretch.same
      ? pairs(stretch, false)
      : [...pairs({ ...stretch, right: [] }, false), ...pairs({ ...stretch, left: [] }, false)],
  )
}

function pairs({ left, right }: Stretch<TraceRow>, same: boolean): TracePair[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index): TracePair => {
    const [one, other] = [left[index], right[index]]
    return { same, ...(one ? { left: one } : {}), ...(other ? { right: other } : {}) }
  })
}

/**
 * The rows that say what an exercise does: the frames, and what its handlers, sockets and processes did between them.
 * Content is said with its method: 'basic.deliver (deliveryTag 1, body resize photo 1)'.
 */
export function telling(events: RecordedEvent[]): TraceRow[] {
  const rows: TraceRow[] = []
  /** The method that content belongs to, by direction, connection and channel. */
  const open = new Map<string, TraceRow>()
  const closed = new Set<number>()
  for (const row of traceRows(events.filter(isTelling))) {
    if (/^tcp\.(ended|reset)$/.test(row.method)) {
      // One side closes a connection; that the other then does so too says nothing, and when is chance.
      if (closed.has(row.connection)) continue
      closed.add(row.connection)
    }
    const lane = `${row.from} ${row.connection} ${row.channel}`
    const method = open.get(lane)
    if (method && row.method === 'header') addProperties(method, row.fields.properties)
    else if (method && row.method === 'body') method.fields.body = `${method.fields.body ?? ''}${row.fields.text ?? ''}`
    else {
      // 'response' is a user and a password.
      const { response: _, ...fields } = row.fields
      const own = { ...row, fields }
      rows.push(own)
      if (/^basic\.(publish|deliver|get-ok|return)$/.test(row.method)) open.set(lane, own)
      else open.delete(lane)
    }
    if (rows.length === MOST_ROWS) break
  }
  return rows
}

function addProperties(method: TraceRow, properties: unknown): void {
  if (typeof properties === 'object' && properties !== null && Object.keys(properties).length > 0)
    method.fields.properties = properties
}

function isTelling(event: RecordedEvent): boolean {
  switch (event.kind) {
    case 'frame':
      return event.method !== 'heartbeat'
    case 'process':
      return event.what === 'signalled' || event.what === 'exited'
    case 'told':
      return event.name !== 'solutions-used'
    case 'called':
      // The lab's own way to find out whether the process still answers.
      return event.name !== 'roundTrip'
    case 'mark':
      return false
    default:
      return true
  }
}

import type { Participant, Row, Sequence } from '../text/sequence.ts'
import type { TraceRow } from './report.ts'
import { isFrame, said } from './rows.ts'

const SERVICE: Participant = { id: 'service', name: 'your service' }
const BROKER: Participant = { id: 'broker', name: 'broker' }

/**
 * A trace as a picture: frames are arrows between the service and the broker, all else is a note beside the one that it
 * is about. What the lab did stands between the two.
 *
 *        your service            broker
 *   1 ms      │◀─ basic.deliver ───│
 *   1 ms  [ the handler begins ]   │
 *   2 ms      │──── basic.ack ────▶│  ✘
 */
export function sequenceOf(rows: TraceRow[]): Sequence {
  const connections = new Set(rows.map(({ connection }) => connection).filter((connection) => connection > 0))
  return { participants: [SERVICE, BROKER], rows: rows.flatMap((row) => drawn(row, connections.size > 1)) }
}

function drawn(row: TraceRow, several: boolean): Row[] {
  const where = several && row.connection > 0 ? `, connection ${row.connection}` : ''
  const common = { time: `${row.ms.toFixed(0)} ms`, ...(row.wrong ? { mark: 'wrong' as const } : {}) }
  const text = `${said(row)}${where}`
  const line: Row =
    isFrame(row) || row.method.startsWith('tcp.')
      ? { kind: 'message', text, ...ends(row), ...common }
      : note(row, text, common)
  // Why it matters, or what should have come in its place.
  if (row.note === undefined) return [line]
  return [line, { kind: 'note', over: [SERVICE.id, BROKER.id], text: row.note }]
}

/** What the lab does to a connection comes from where the broker is: the student's service can't tell the two apart. */
function ends({ from, method }: TraceRow): { from: string; to: string; line?: 'dashed'; head?: 'lost' } {
  const [near, far] = from === 'student' ? [SERVICE.id, BROKER.id] : [BROKER.id, SERVICE.id]
  if (method === 'tcp.upstream-failed') return { from: SERVICE.id, to: BROKER.id, head: 'lost' }
  return { from: near, to: far, ...(method.startsWith('tcp.') ? { line: 'dashed' } : {}) }
}

function note(row: TraceRow, text: string, common: { time: string; mark?: 'wrong' }): Row {
  // The end of the student's process is found by the lab, and happens where the process is.
  if (row.method.startsWith('finding.')) return { kind: 'note', over: [SERVICE.id], text, ...common }
  if (row.from === 'lab') return { kind: 'note', over: [SERVICE.id, BROKER.id], text: `the lab ${text}`, ...common }
  return { kind: 'note', over: [row.from === 'student' ? SERVICE.id : BROKER.id], text, ...common }
}

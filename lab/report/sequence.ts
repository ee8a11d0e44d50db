import type { Participant, Row, Sequence } from '../text/sequence.ts'
import type { TraceRow } from './report.ts'
import { isFrame, said } from './rows.ts'

const SERVICE: Participant = { id: 'service', name: 'your service' }
const BROKER: Participant = { id: 'broker', name: 'broker' }
/** The lab's own client, where it takes what the student's service has left. */
const OTHER: Participant = { id: 'other', name: 'another worker' }

/** Who stands where: several workers where the rows are about more than one. */
interface Cast {
  participants: Participant[]
  /** The student's process that a row is about. */
  worker: (row: TraceRow) => string
}

/**
 * A trace as a picture: frames are arrows between the service and the broker, all else is a note beside the one that it
 * is about. What the lab did stands between the two. A second worker stands on the broker's other side.
 *
 *        your service            broker
 *   1 ms      │◀─ basic.deliver ───│
 *   1 ms  [ the handler begins ]   │
 *   2 ms      │──── basic.ack ────▶│  ✘
 */
export function sequenceOf(rows: TraceRow[]): Sequence {
  const { participants, drawn } = drawnRows(rows)
  return { participants, rows: drawn.flat() }
}

/** As sequenceOf(), with what is drawn of each row apart: the row itself, then what is said beside it. */
export function drawnRows(rows: TraceRow[]): { participants: Participant[]; drawn: Row[][] } {
  const connections = new Set(rows.map(({ connection }) => connection).filter((connection) => connection > 0))
  const cast = castOf(rows)
  return { participants: cast.participants, drawn: rows.map((row) => drawnRow(row, connections.size > 1, cast)) }
}

function castOf(rows: TraceRow[]): Cast {
  const numbers = [...new Set(rows.flatMap(({ worker }) => (worker === undefined ? [] : [worker])))].sort()
  const other = rows.some(isReceived) ? [OTHER] : []
  if (numbers.length < 2) return { participants: [SERVICE, BROKER, ...other], worker: () => SERVICE.id }
  const [first, ...more] = numbers.map((number) => ({ id: `worker-${number}`, name: `worker ${number}` }))
  return {
    participants: [...(first ? [first] : []), BROKER, ...more, ...other],
    worker: ({ worker }) => (worker === undefined ? (first?.id ?? SERVICE.id) : `worker-${worker}`),
  }
}

function drawnRow(row: TraceRow, several: boolean, cast: Cast): Row[] {
  const where = several && row.connection > 0 ? `, connection ${row.connection}` : ''
  const common = { time: `${row.ms.toFixed(0)} ms`, ...(row.wrong ? { mark: 'wrong' as const } : {}) }
  const text = `${said(row)}${where}`
  const worker = cast.worker(row)
  const line: Row =
    isFrame(row) || row.method.startsWith('tcp.') || isReceived(row)
      ? { kind: 'message', text, ...ends(row, worker), ...common }
      : note(row, text, common, worker)
  // Why it matters, or what was expected instead.
  if (row.note === undefined) return [line]
  return [line, { kind: 'note', over: [worker, BROKER.id], text: row.note }]
}

/** What the lab does to a connection comes from where the broker is: the student's service can't tell the two apart. */
function ends(row: TraceRow, worker: string): { from: string; to: string; line?: 'dashed'; head?: 'lost' } {
  const { from, method } = row
  if (isReceived(row)) return { from: BROKER.id, to: OTHER.id }
  const [near, far] = from === 'student' ? [worker, BROKER.id] : [BROKER.id, worker]
  if (method === 'tcp.upstream-failed') return { from: worker, to: BROKER.id, head: 'lost' }
  return { from: near, to: far, ...(method.startsWith('tcp.') ? { line: 'dashed' } : {}) }
}

function note(row: TraceRow, text: string, common: { time: string; mark?: 'wrong' }, worker: string): Row {
  // The end of the student's process is found by the lab, and happens where the process is.
  if (row.method.startsWith('finding.')) return { kind: 'note', over: [worker], text, ...common }
  if (row.from === 'lab') return { kind: 'note', over: [worker, BROKER.id], text: `the lab ${text}`, ...common }
  return { kind: 'note', over: [row.from === 'student' ? worker : BROKER.id], text, ...common }
}

/** The lab's own client got a task. */
function isReceived({ method }: TraceRow): boolean {
  return method === 'held.received'
}

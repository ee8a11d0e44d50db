import type { Look } from '../text/look.ts'
import { symbolsOf } from '../text/symbols.ts'
import type { TraceRow } from './report.ts'

/** Fields that say nothing to a reader in a line of a trace. */
const QUIET = new Set([
  'reserved1',
  'reserved2',
  'reserved3',
  'ticket',
  'capabilities',
  'insist',
  'outOfBand',
  'classId',
  'methodId',
  'versionMajor',
  'versionMinor',
  'serverProperties',
  'locales',
  'locale',
  // User and password; where they are refused, the broker says so.
  'response',
])
/** Fields whose 'false' is the evidence itself. */
const TELLING = new Set(['requeue', 'durable'])
/** Somebody's words: the evidence is often at their end. */
const WORDS = new Set(['replyText', 'error', 'message', 'value'])
const LONGEST_WORDS = 200
const LONGEST_VALUE = 40

/**
 * The rows of a trace as text, a line each:
 *
 *      12.1 ms  service --> broker   basic.ack (deliveryTag 1)   connection 1
 *      13.0 ms  the lab              aborts 'first'
 */
export function rowLines(rows: TraceRow[], look: Look): string[] {
  const widest = Math.max(0, ...rows.map((row) => row.ms.toFixed(1).length))
  const many = new Set(rows.map((row) => row.connection).filter((connection) => connection > 0)).size > 1
  return rows.map((row) => {
    const where = many && row.connection > 0 ? `, connection ${row.connection}` : ''
    const note = row.note === undefined ? '' : ` (${row.note})`
    return `${row.ms.toFixed(1).padStart(widest)} ms  ${way(row, look)}  ${said(row)}${where}${note}`
  })
}

function way(row: TraceRow, look: Look): string {
  const { arrow, horizontal } = symbolsOf(look)
  if (row.from === 'lab') return 'the lab          '
  if (row.method === 'held.received') return 'another worker   '
  if (!isFrame(row)) return row.from === 'student' ? 'service          ' : 'broker           '
  return row.from === 'student'
    ? `service ${horizontal}${arrow.right} broker`
    : `broker ${horizontal}${arrow.right} service`
}

export function isFrame(row: TraceRow): boolean {
  return !/^(tcp|fault|process|ask|told|held|mark|awaited|finding)\b/.test(row.method)
}

/** What happened, in a few words. */
export function said(row: TraceRow): string {
  const [group = '', name = ''] = row.method.split(/\.(.*)/s)
  const { fields } = row
  switch (group) {
    case 'tcp':
      // One of several wires has a name: that of the node behind it.
      if (name === 'accepted' && fields.detail) return `opens a TCP connection to ${fields.detail}`
      return (
        { accepted: 'opens a TCP connection', ended: 'closes the TCP connection', reset: 'resets the TCP connection' }[
          name
        ] ?? 'can not be reached'
      )
    case 'fault':
      return `switches the fault '${name}' ${fields.on ? 'on' : 'off'}`
    case 'process':
      return saidOfProcess(name, fields)
    case 'ask':
      return saidOfAsk(name, fields)
    case 'told':
      return saidOfTold(name, fields)
    case 'held':
      return saidOfBroker(name, fields)
    case 'mark':
      return `notes: ${fields.name}`
    case 'awaited':
      return `has waited ${fields.waitedMs} ms in vain for ${fields.what}${howBusy(fields)}`
    case 'finding':
      return saidOfFinding(name, fields)
    case 'basic':
      return `${row.method}${brief(name === 'deliver' ? withoutTag(fields) : fields)}`
    default:
      return `${row.method}${brief(fields)}`
  }
}

/** Messages tell of limits; where the machine was busy the lab has waited for longer. */
function howBusy({ waitedMs, limitMs }: Record<string, unknown>): string {
  const isBusy = Number(waitedMs) > 1.5 * Number(limitMs)
  return isBusy ? `; this machine is busy: that is ${Number(limitMs) / 1000} s of its time` : ''
}

/** Each message that the broker sends has its consumer's tag: it tells the deliveries of a trace not apart. */
function withoutTag({ consumerTag: _, ...fields }: Record<string, unknown>): Record<string, unknown> {
  return fields
}

/** The ends of the student's process are sentences to the student; beside its lifeline they are events. */
function saidOfFinding(name: string, { sentence }: Record<string, unknown>): string {
  const text = String(sentence)
  if (name === 'exited') return text.replace(/^Your process/, 'the process').replace(/, while the lab.*$/, '')
  return text.replace(/^Your process /, 'the process ').replace(/, because a promise was rejected and nobody.*?:/, ':')
}

function resolvedWith(value: unknown): Record<string, unknown> {
  // What a class a value is of, where it can't be sent.
  if (typeof value === 'object' && value !== null && 'is' in value) return { with: `a ${value.is}` }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  return value === undefined || value === null ? {} : { with: value }
}

/** What the lab asked of the student's process, or answered to it. */
function saidOfAsk(name: string, fields: Record<string, unknown>): string {
  if (name === 'finish' && fields.how !== undefined) {
    return `${fields.how === 'resolve' ? 'lets the handler succeed' : 'makes the handler fail'}${brief({ task: fields.task })}`
  }
  if (name === 'store-answer') {
    const answer = fields.error === undefined ? (fields.what === 'has' ? String(fields.value) : 'kept') : 'an error'
    return `answers for the store: ${fields.what}('${fields.id}'): ${answer}`
  }
  return `asks for ${name}${brief(askedFor(fields))}`
}

/** What the lab did at the broker, or found there. */
function saidOfBroker(name: string, fields: Record<string, unknown>): string {
  const queue = `'${fields.queue}'`
  const tasks = Array.isArray(fields.tasks) ? fields.tasks : []
  switch (name) {
    case 'queue':
      if (fields.exists === false) return `there is no queue ${queue}`
      if (fields.locked === true) return `${queue} is exclusive to somebody`
      return `${queue} holds ${fields.messages} ${fields.messages === 1 ? 'task' : 'tasks'}`
    case 'drained':
      return tasks.length === 0
        ? `${queue} is empty`
        : `${queue} held ${brief({ tasks: tasks.map(taskOf) }).slice(2, -1)}`
    case 'published':
      return `the lab puts ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} into ${queue}`
    case 'received':
      return `gets '${fields.task}'`
    case 'queue-deleted':
      return `${queue} is deleted`
    case 'restarted':
      return 'restarts'
    case 'node-stopped':
      return `node ${fields.node} is stopped`
    case 'node-killed':
      return `node ${fields.node} is killed`
    case 'node-frozen':
      return `node ${fields.node} hangs: it stands still`
    case 'connections':
      return `lists ${connectionNames(fields.names)}`
    case 'workers': {
      const alive = Array.isArray(fields.alive) ? fields.alive : []
      return alive.length === 0 ? 'no worker is left' : `still there: ${alive.join(', ')}`
    }
    case 'closes-connections':
      return 'is told to close the connection by force'
    default:
      return `${name}${brief(fields)}`
  }
}

function connectionNames(names: unknown): string {
  const all = Array.isArray(names) ? names : []
  if (all.length === 0) return 'no connection'
  return `its connections: ${all.map((name) => (name === null ? 'one without a name' : `'${name}'`)).join(', ')}`
}

function taskOf(task: unknown): unknown {
  return typeof task === 'object' && task !== null && 'task' in task ? task.task : task
}

/** What the student's process told of itself; the names are those that the drivers use. */
function saidOfTold(name: string, fields: Record<string, unknown>): string {
  switch (name) {
    case 'began':
      return `the handler begins${brief({ task: fields.task })}`
    case 'store':
      return `asks the store: ${fields.what}('${fields.id}')`
    case 'settled': {
      const call = typeof fields.task === 'string' ? `the call for '${fields.task}'` : 'the call'
      return fields.ok === true
        ? `${call} resolves${brief(resolvedWith(fields.value))}`
        : `${call} rejects${brief({ error: fields.error })}`
    }
    case 'ready':
      return fields.ok === true ? 'ready resolves' : `ready rejects${brief({ error: fields.error })}`
    case 'stop-called':
    case 'stopping':
      return `${stopOf(fields)} is called`
    case 'stopped':
      return fields.ok === false
        ? `${stopOf(fields)} rejects${brief({ error: fields.error })}`
        : `${stopOf(fields)} resolves`
    case 'confirmed':
      return `'${fields.task}' is confirmed`
    case 'worked':
      return `gets '${fields.task}'`
    case 'lost':
      return 'its connection is lost'
    case 'rejected':
      return `rejects${brief(fields)}`
    case 'attempt':
      return 'begins an attempt to connect'
    case 'attempt-ended':
      return 'the socket of the attempt is closed'
    case 'next-attempt':
      return `begins the next attempt${brief({ sinceMs: fields.sinceMs, waitedMs: fields.waitedMs })}`
    case 'retry':
      return `calls onRetry${brief({ attempt: fields.attempt, message: fields.message })}`
    case 'aborted':
      return 'its signal is aborted'
    case 'channel-closed':
      return 'its channel is closed'
    case 'memory':
      return `holds ${Math.round(Number(fields.bytes) / 1e6)} MB in memory`
    case 'fates':
      return `calls so far: ${fields.resolved} resolved, ${fields.rejected} rejected, ${fields.pending} pending`
    case 'pong':
      return 'is alive and answers'
    case 'child-started':
      return `starts process ${fields.pid}`
    case 'child-exited':
      return `process ${fields.pid} ends with ${fields.signal ? `signal ${fields.signal}` : `exit code ${fields.code}`}`
    default:
      return name.startsWith('worker-') ? saidOfWorker(name, fields) : `${name}${brief(fields)}`
  }
}

/** Which of several calls it is; the first needs no number. */
function stopOf({ nth }: Record<string, unknown>): string {
  if (typeof nth !== 'number' || nth < 2) return 'stop()'
  return `the ${['second', 'third'][nth - 2] ?? `${nth}th`} stop()`
}

/** What a process of the lab's, which the exercise has started, told of itself. */
function saidOfWorker(name: string, { nth, pid, task, signal }: Record<string, unknown>): string {
  const worker = `worker ${nth}`
  switch (name) {
    case 'worker-started':
      return `${worker} starts${brief({ pid })}`
    case 'worker-ready':
      return `${worker} says 'ready'`
    case 'worker-began':
      return `${worker} begins${brief({ task })}`
    case 'worker-done':
      return `${worker} is done${brief({ task })}`
    case 'worker-asked':
      return `${worker} gets ${signal}`
    case 'worker-gone':
      return `${worker} is gone${brief({ pid })}`
    default:
      return `${worker}: ${name.slice('worker-'.length)}`
  }
}

function saidOfProcess(name: string, fields: Record<string, unknown>): string {
  if (name === 'stdout' || name === 'stderr') return `prints '${fields.text}'`
  if (name === 'exited') return `ends with ${fields.signal ? `signal ${fields.signal}` : `exit code ${fields.code}`}`
  if (name === 'signalled') return `sends ${fields.signal}`
  return name === 'loaded' ? 'has loaded the file' : name === 'started' ? 'starts' : name
}

function askedFor(fields: Record<string, unknown>): Record<string, unknown> {
  const { args } = fields
  if (typeof args !== 'object' || args === null) return fields
  const { url: _, urls: __, ...rest } = args as Record<string, unknown>
  return rest
}

/** An error is its message; anything else that is no plain value is JSON. */
function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return 'message' in value ? String(value.message) : JSON.stringify(value)
}

function brief(fields: Record<string, unknown>): string {
  const said = Object.entries(fields).flatMap(([name, value]) => {
    if (value === false && TELLING.has(name)) return [`${name} false`]
    if (QUIET.has(name) || value === '' || value === false || value === null || value === undefined) return []
    if (value === true) return [name]
    // The rest of a name that the broker made up tells nothing.
    const text = plain(value).replace(/\b(amq\.(?:ctag|gen)-.{4})[\w-]+/g, '$1…')
    const longest = WORDS.has(name) ? LONGEST_WORDS : LONGEST_VALUE
    return text === '{}' ? [] : [`${name} ${text.length > longest ? `${text.slice(0, longest - 1)}…` : text}`]
  })
  return said.length === 0 ? '' : ` (${said.slice(0, 5).join(', ')})`
}

import * as v from 'valibot'
import { ErrorSeen } from '../error-seen.ts'
import { brief, quoted } from './brief.ts'
import { type DataOf, word } from './word.ts'

/*
 * What the student's process may tell the lab: by name, what it carries, and how a trace tells of it. Whatever does not
 * fit its schema is dropped: the process runs the student's code.
 */

const text = v.pipe(v.string(), v.maxLength(100_000))
const short = v.pipe(v.string(), v.maxLength(4000))
const nothing = v.object({})
/** What a handler does: succeed, reject (with an error, or with an empty text) or throw by itself, or wait until the lab tells it how to end. */
export const ACTIONS = ['resolve', 'reject', 'reject-with-empty-text', 'throw', 'hold'] as const
export type Action = (typeof ACTIONS)[number]

const ended = v.object({ ok: v.boolean(), error: v.optional(ErrorSeen) })

export const TOLD = {
  /** A handler began to work. */
  began: word(
    v.object({
      /** Counts the handlers of the process, from 1. */
      call: v.number(),
      task: text,
      queue: v.optional(short),
      /** By which name the driver knows the channel. */
      channel: v.optional(short),
      /** The nth time for this task in its process. */
      time: v.number(),
      action: v.picklist(ACTIONS),
      /** The type of what came for the task. */
      type: short,
      /** What came as the id; null where it was not a text. */
      id: v.optional(v.nullable(short)),
      idType: v.optional(short),
      /** What came as the payload, in a word and as JSON; null where JSON has nothing for it. */
      kind: v.optional(short),
      json: v.optional(v.nullable(text)),
      /** The first thing in the payload that JSON does not hold: the way to it, and what it is. */
      odd: v.optional(v.object({ at: short, is: short })),
      /** On the clock of the process, in milliseconds. */
      atMs: v.optional(v.number()),
    }),
    ({ task }) => `the handler begins${brief({ task })}`,
  ),
  /** A call of the driver's resolved or rejected. */
  settled: word(
    v.object({ ...ended.entries, id: v.number(), value: v.unknown(), task: v.optional(text) }),
    ({ task, ok, value, error }) => {
      const call = task === undefined ? 'the call' : `the call for ${quoted(task)}`
      return ok ? `${call} resolves${brief(resolvedWith(value))}` : `${call} rejects${brief({ error })}`
    },
  ),
  ready: word(ended, ({ ok, error }) => (ok ? 'ready resolves' : `ready rejects${brief({ error })}`)),
  stopping: word(v.object({ nth: v.number() }), ({ nth }) => `${stopOf(nth)} is called`),
  'stop-called': word(v.object({ atMs: v.number() }), () => 'stop() is called'),
  stopped: word(
    v.object({
      nth: v.optional(v.number()),
      ok: v.optional(v.boolean()),
      error: ended.entries.error,
      atMs: v.optional(v.number()),
    }),
    ({ nth, ok, error }) => (ok === false ? `${stopOf(nth)} rejects${brief({ error })}` : `${stopOf(nth)} resolves`),
  ),
  /** The driver's own account of what an error says, causes included. */
  rejected: word(
    v.object({
      name: v.optional(short),
      errors: v.optional(v.array(v.omit(ErrorSeen, ['stack', 'at']))),
    }),
    (data) => `rejects${brief(data)}`,
  ),
  attempt: word(nothing, () => 'begins an attempt to connect'),
  'attempt-ended': word(nothing, () => 'the socket of the attempt is closed'),
  'next-attempt': word(
    v.object({
      sinceMs: v.number(),
      /** The socket of the attempt before is still there. */
      lastOpen: v.boolean(),
      /** The attempt before, the first one, was over or this one had begun before a timer of the lab's that is due early. */
      isEarly: v.optional(v.boolean()),
      /** The wait after an error, how often the event loop turned in it, and whether the wait kept the process alive. */
      waitedMs: v.optional(v.number()),
      /** What the timers of that wait were set to, in all; only where it had some. */
      timersMs: v.optional(v.number()),
      turns: v.optional(v.number()),
      kept: v.optional(v.boolean()),
      /** A timer of the lab's came first, that was due long after the longest wait. */
      isTooLong: v.optional(v.boolean()),
    }),
    ({ sinceMs, waitedMs }) => `begins the next attempt${brief({ sinceMs, waitedMs })}`,
  ),
  retry: word(
    v.object({ name: short, attempt: v.unknown(), isError: v.boolean(), message: short }),
    ({ attempt, message }) => `calls onRetry${brief({ attempt, message })}`,
  ),
  aborted: word(v.object({ name: short }), () => 'its signal is aborted'),
  lost: word(v.object({ name: short }), () => 'its connection is lost'),
  'channel-closed': word(v.object({ channel: v.optional(short) }), () => 'its channel is closed'),
  confirmed: word(v.object({ task: text }), ({ task }) => `${quoted(task)} is confirmed`),
  worked: word(v.object({ task: text }), ({ task }) => `gets ${quoted(task)}`),
  /** How many tasks amqplib has been given that are not confirmed. */
  given: word(
    v.object({
      tasks: v.number(),
      /** Of how many of them amqplib has nobody to tell. */
      withoutCallback: v.number(),
      bytes: v.optional(v.number()),
    }),
    ({ tasks, bytes }) =>
      `has passed ${tasks} unconfirmed ${tasks === 1 ? 'task' : 'tasks'}${bytes === undefined ? '' : ` (${Math.round(bytes / 1e6)} MB)`} to the channel`,
  ),
  /** A function that has to return a promise threw instead. */
  threw: word(v.object({ name: short, error: ErrorSeen }), ({ name, error }) => `${name} throws${brief({ error })}`),
  /** What became of many calls so far. */
  outcomes: word(
    outcomes(),
    ({ resolved, rejected, pending }) => `calls so far: ${resolved} resolved, ${rejected} rejected, ${pending} pending`,
  ),
  'all-settled': word(outcomes(), (data) => `all-settled${brief(data)}`),
  /** A question to the lab's store of ids. */
  store: word(
    v.object({
      call: v.number(),
      what: v.picklist(['has', 'add']),
      /** Null where the store was given something else than a text. */
      id: v.nullable(short),
    }),
    ({ what, id }) => `asks the store: ${what}('${id}')`,
  ),
  /** A line of a program's own has set a timer. */
  timer: word(
    v.object({ ms: v.number(), file: short, line: v.number(), text: short }),
    ({ ms, file, line }) => `${file}:${line} sets a timer of ${ms} ms`,
  ),
  pong: word(v.object({ ms: v.number() }), () => 'is alive and answers'),
  'child-started': word(child(), ({ pid }) => `starts process ${pid}`),
  'child-exited': word(
    child(),
    ({ pid, signal, code }) => `process ${pid} ends with ${signal ? `signal ${signal}` : `exit code ${code}`}`,
  ),
  'solutions-used': word(v.array(short), (lessons) => `solutions-used${brief({ lessons })}`),
  'cluster-ready': word(nothing, () => 'cluster-ready'),
  'cluster-not-ready': word(v.object({ message: short }), (data) => `cluster-not-ready${brief(data)}`),
  /** Of a process of the lab's that the exercise has started; see lab/student/workers.ts. */
  'worker-started': word(
    v.object({
      ...worker(),
      pid: v.number(),
      env: v.optional(v.record(v.string(), v.string())),
      /** It has a line to its parent. */
      hasLine: v.optional(v.boolean()),
      /** It is no process, but a thread of its parent. */
      isThread: v.optional(v.boolean()),
    }),
    ({ nth, pid }) => `worker ${nth} starts${brief({ pid })}`,
  ),
  'worker-ready': word(v.object(worker()), ({ nth }) => `worker ${nth} says 'ready'`),
  'worker-consumes': word(v.object(worker()), ({ nth }) => `worker ${nth} consumes`),
  'worker-lost': word(v.object(worker()), ({ nth }) => `worker ${nth} loses the broker`),
  'worker-began': word(
    v.object({ ...worker(), task: text }),
    ({ nth, task }) => `worker ${nth} begins${brief({ task })}`,
  ),
  'worker-done': word(
    v.object({ ...worker(), task: text }),
    ({ nth, task }) => `worker ${nth} is done${brief({ task })}`,
  ),
  'worker-asked': word(
    v.object({ ...worker(), signal: v.optional(short) }),
    ({ nth, signal }) => `worker ${nth} gets ${signal}`,
  ),
  'worker-gone': word(
    v.object({ ...worker(), pid: v.number() }),
    ({ nth, pid }) => `worker ${nth} is gone${brief({ pid })}`,
  ),
}

export type Told = DataOf<typeof TOLD>

function outcomes() {
  return v.object({
    resolved: v.number(),
    rejected: v.number(),
    pending: v.number(),
    /** The message of the first that rejected. */
    error: v.optional(short),
    /** Calls with the wrong outcome: those for a missing queue must reject, all others resolve. */
    wrong: v.number(),
  })
}

function child() {
  return v.object({
    pid: v.number(),
    code: v.nullable(v.number()),
    signal: v.nullable(short),
    /** On the clock of the process, in milliseconds. */
    atMs: v.number(),
  })
}

/** The nth that has reported. */
function worker() {
  return { nth: v.number() }
}

/** Which of several calls it is; the first needs no number. */
function stopOf(nth: number | undefined): string {
  if (nth === undefined || nth < 2) return 'stop()'
  return `the ${['second', 'third'][nth - 2] ?? `${nth}th`} stop()`
}

function resolvedWith(value: unknown): object {
  // What a class a value is of, where it can't be sent.
  if (typeof value === 'object' && value !== null && 'is' in value) return { with: `a ${value.is}` }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  return value === undefined || value === null ? {} : { with: value }
}

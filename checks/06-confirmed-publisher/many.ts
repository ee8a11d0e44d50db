import {
  atBroker,
  calls,
  frame,
  marked,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  tasks,
  tcp,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { crashed } from './evidence.ts'
import { ALLOWED_BYTES, BIG, MANY } from './scenarios.ts'

/** Many calls at once, with a link that takes them and with one that does not. */

/** What became of them, when the lab asked last. */
function outcomesOf(recording: Recording) {
  const event = told(recording, 'outcomes').at(-1)
  return event && { ...event.data, event }
}

function fault({ events }: Recording, name: string): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'fault' && event.name === name)
}

/** The process ended, or calls stayed pending. */
function notAllSettled(recording: Recording, mark: string, what: string): Shortfall | undefined {
  const crash = crashed(recording, what)
  if (crash) return crash
  const end = outcomesOf(recording)
  if (!end || end.pending === 0 || !marked(recording, mark)) return undefined
  const { pending, resolved, rejected, event } = end
  return {
    seen: `${what}. ${times(resolved, 'call')} resolved, ${rejected} rejected, and ${pending} stayed pending, without an end.`,
    show: [calls(recording, 'publishMany')[0], event],
  }
}

/** As notAllSettled(): calls that were sent, or some that were not. */
function stuck(recording: Recording, what: string, count: number): Shortfall | undefined {
  const short = notAllSettled(recording, 'looked into the queue', what)
  const areSent = tasks(recording).published.length >= count
  return short && { ...short, looksLike: areSent ? 'never-settles' : 'stays-stuck' }
}

/** The queue holds fewer tasks than calls have resolved. */
function tooFew(recording: Recording, wanted: number): Shortfall | undefined {
  const held = atBroker(recording, 'queue').at(-1)
  if (!held) return reached(recording, 'looked into the queue')
  const { messages } = held.data
  if (messages >= wanted) return undefined
  return {
    seen: `${times(wanted, 'call')} resolved, but there were only ${times(messages, 'task')} in the queue.`,
    looksLike: 'does-not-wait',
    show: [outcomesOf(recording)?.event, held],
  }
}

/** Of 5,000 calls at once, one did not settle as it should. */
export function settledOtherwise(recording: Recording): Shortfall | undefined {
  const short = stuck(recording, '5,000 calls were made at once', MANY.calls)
  if (short) return short
  const end = outcomesOf(recording)
  if (!end) return reached(recording, 'looked into the queue')
  const { resolved, rejected, error, wrong, event } = end
  if (wrong === 0) return tooFew(recording, resolved)
  return {
    seen: `Of ${MANY.calls} calls at once, ${MANY.missing} were for a queue that does not exist. ${times(resolved, 'call')} resolved, ${rejected} rejected${error ? `, the first with: ${error}` : ''}.`,
    looksLike: rejected > MANY.missing ? 'fails-neighbours' : undefined,
    show: [frame(recording, 'basic.return'), event],
  }
}

/** Too much was in memory while the link was stalled. */
export function bufferedTooMuch(recording: Recording): Shortfall | undefined {
  const measured = told(recording, 'memory')
  const [before, last] = [measured[0], measured.at(-1)]
  const bytes = (last?.data.bytes ?? 0) - (before?.data.bytes ?? 0)
  if (!marked(recording, 'measured') || bytes < ALLOWED_BYTES) return undefined
  const handedOver = last?.data.handedOver ?? 0
  return {
    seen: `The link was stalled. ${BIG.calls} calls of publish(), with one and the same task of ${BIG.kb} kB, added ${megabytes(bytes)} to the memory of your process.`,
    looksLike: handedOver * BIG.kb * 1000 < ALLOWED_BYTES ? 'encodes-too-early' : 'no-back-pressure',
    show: [before, fault(recording, 'stall'), calls(recording, 'publishMany')[0], last],
    wrong: { event: last, instead: `less than ${megabytes(ALLOWED_BYTES)}: what has no room waits unsent` },
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}

/** The link was free again, and the calls did not all resolve. */
export function didNotGoOn(recording: Recording): Shortfall | undefined {
  const what = 'The link was stalled, and then it was free'
  const short = stuck(recording, what, BIG.calls)
  if (short) return short
  const end = outcomesOf(recording)
  if (!end) return reached(recording, 'looked into the queue')
  const { rejected, error, wrong, event } = end
  if (wrong === 0) return tooFew(recording, BIG.calls + 1)
  return { seen: `${what}. ${times(rejected, 'call')} rejected, the first with: ${error}`, show: [event] }
}

/** The broker closed the channel, and calls that waited for room did not reject. */
export function deafToTheClose(recording: Recording): Shortfall | undefined {
  const loss = frame(recording, 'channel.close', 'broker')
  return notRejected(recording, { what: 'The channel was closed', loss, looksLike: 'waits-on-a-dead-channel' })
}

/** The connection was lost, and calls that waited for room did not reject. */
export function deafToTheReset(recording: Recording): Shortfall | undefined {
  const [loss] = tcp(recording, 'reset')
  // It has heard of the channel's end where that came with an 'error'.
  return notRejected(recording, { what: 'The connection was lost', loss, looksLike: 'hears-errors-only' })
}

/** What has got no answer, and will get none, has to reject when the channel goes. */
function notRejected(
  recording: Recording,
  { what, loss, looksLike }: { what: string; loss: RecordedEvent | undefined; looksLike: string },
): Shortfall | undefined {
  if (!marked(recording, 'waiting')) return reached(recording, 'waiting')
  const crash = crashed(recording, what)
  if (crash) return crash
  const during = `${what} while the link was stalled`
  const cause = [fault(recording, 'stall'), loss]
  const unfinished = notAllSettled(recording, 'after the loss', during)
  if (unfinished) return { ...unfinished, looksLike, show: [...cause, ...(unfinished.show ?? [])] }
  const end = outcomesOf(recording)
  if (!end || end.resolved === 0) return reached(recording, 'after the loss')
  return {
    seen: `${during}: no task had reached the broker. ${times(end.resolved, 'call')} resolved.`,
    looksLike: 'swallows-loss',
    show: [...cause, end.event],
  }
}

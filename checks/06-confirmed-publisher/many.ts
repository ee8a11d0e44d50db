import {
  atBroker,
  calls,
  findings,
  frame,
  frames,
  isBefore,
  marked,
  markOf,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  tasks,
  tcp,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { crashed, threw } from './evidence.ts'
import { ALLOWED_AGAIN_BYTES, ALLOWED_BYTES, BIG, MANY, WARM_UP } from './scenarios.ts'

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
  const bad = crashed(recording, what) ?? threw(recording, what)
  if (bad) return bad
  const end = outcomesOf(recording)
  if (!end || end.pending === 0 || !marked(recording, mark)) return undefined
  const { pending, resolved, rejected, event } = end
  return {
    seen: `${what}. ${times(resolved, 'call')} resolved, ${rejected} rejected, and ${pending} stayed pending.`,
    show: [calls(recording, 'publishMany')[0], event],
  }
}

/** As notAllSettled(): calls that were sent, or some that were not. */
function stuck(recording: Recording, what: string, count: number): Shortfall | undefined {
  const short = notAllSettled(recording, 'looked into the queue', what)
  // Where the process ended, or publish() threw, pending calls say nothing of how it waits.
  if (short?.looksLike !== undefined || findings(recording).length > 0) return short
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
    seen: `${times(wanted, 'call')} resolved, but the queue contained only ${times(messages, 'task')}.`,
    looksLike: tasks(recording).published.length < wanted ? 'merges-calls' : 'does-not-wait',
    show: [outcomesOf(recording)?.event, held],
  }
}

/** Of 5,000 calls at once, one did not settle as it should. */
export function settledOtherwise(recording: Recording): Shortfall | undefined {
  const short = stuck(recording, 'The lab made 5,000 calls at once', MANY.calls)
  if (short) return short
  const end = outcomesOf(recording)
  if (!end) return reached(recording, 'looked into the queue')
  const { resolved, rejected, error, wrong, event } = end
  if (wrong === 0) return tooFew(recording, resolved)
  const sent = tasks(recording).published.length
  if (rejected > MANY.missing && sent < MANY.calls) {
    return {
      seen: `The lab made ${MANY.calls} calls at once. Your service published ${sent} tasks, and ${rejected} calls rejected, the first with: ${error}`,
      looksLike: 'refuses-when-busy',
      show: [frame(recording, 'basic.publish'), event],
      wrong: { event, instead: 'the calls wait for their turn' },
    }
  }
  return {
    seen: `Of ${MANY.calls} calls made at once, ${MANY.missing} were for a queue that doesn't exist. ${times(resolved, 'call')} resolved and ${rejected} rejected, ${wrong} of them wrongly.${error ? ` The first one rejected with: ${error}` : ''}`,
    looksLike: rejected > MANY.missing ? 'fails-neighbours' : undefined,
    show: [frame(recording, 'basic.return'), event],
  }
}

/** A task of many bytes came to the broker with another number of bytes. */
export function publishedBigOnesOtherwise(recording: Recording): Shortfall | undefined {
  const wanted = BIG.kb * 1000
  const header = frames(recording, 'header').find(
    ({ from, fields }) => from === 'student' && ![wanted, WARM_UP.length].includes(Number(fields.bodySize)),
  )
  return (
    header && {
      seen: `The task has ${wanted} bytes, but the body of your message has ${header.fields.bodySize}.`,
      looksLike: 'changes-large-tasks',
      show: [header],
      wrong: { event: header, instead: 'the bytes of the task as they are, however many there are' },
    }
  )
}

/** More was given to the channel than the link takes: in the first place, or when there was room for a moment. */
export function bufferedTooMuch(recording: Recording): Shortfall | undefined {
  const measured = markOf(recording, 'measured')
  const looks = told(recording, 'given')
  const first = looks.findLast((look) => isBefore(recording, look, measured))
  const last = looks.at(-1)
  if (!measured || !first || !last) return undefined
  const tooMuch = ({ event, calls: made, allowed }: { event: typeof last; calls: number; allowed: number }) => {
    const bytes = event.data.bytes ?? 0
    if (bytes < allowed) return undefined
    const isLater = event !== first
    return {
      seen: `The link stalled${isLater ? ', recovered for a moment, and stalled again' : ''}. After ${made} calls to publish(), each with a ${BIG.kb} kB task, your service had passed ${event.data.tasks} unconfirmed tasks (${megabytes(bytes)}) to the channel.`,
      looksLike: isLater ? 'all-at-once-on-drain' : 'no-back-pressure',
      show: [fault(recording, 'stall'), calls(recording, 'publishMany')[0], isLater ? measured : undefined, event],
      wrong: { event, instead: `less than ${megabytes(allowed)}, because a task waits until there's room for it` },
    }
  }
  return (
    tooMuch({ event: first, calls: BIG.calls, allowed: ALLOWED_BYTES }) ??
    tooMuch({ event: last, calls: 2 * BIG.calls, allowed: ALLOWED_AGAIN_BYTES })
  )
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}

/** The link was free again, and the calls did not all resolve. */
export function didNotGoOn(recording: Recording): Shortfall | undefined {
  const what = 'The link stalled and then recovered'
  const short = stuck(recording, what, 2 * BIG.calls)
  if (short) return short
  const end = outcomesOf(recording)
  if (!end) return reached(recording, 'looked into the queue')
  const { rejected, error, wrong, event } = end
  if (wrong === 0) return tooFew(recording, 2 * BIG.calls + 1)
  return { seen: `${what}. ${times(rejected, 'call')} rejected, the first of them with: ${error}`, show: [event] }
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
    seen: `${during}, before the tasks had reached the broker, but ${times(end.resolved, 'call')} resolved anyway.`,
    looksLike: 'swallows-loss',
    show: [...cause, end.event],
  }
}

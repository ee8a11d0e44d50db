import {
  connections,
  contents,
  type FrameEvent,
  frame,
  frames,
  isBefore,
  marked,
  markOf,
  processes,
  type RecordedEvent,
  type Recording,
  reached,
  returned,
  type Shortfall,
  said,
  settled,
  tasks,
  told,
  until,
} from '../../lab/check/evidence.ts'
import { onFastClocks } from '../../lab/student/clocks.ts'
import { firstStop, Started } from '../shared/service.ts'
import { busy, LATE, TASKS } from './scenarios.ts'

const DONE = 'the work is done'
const AFTER_WORK = 'the ack only after the handler has finished'

/** startService() threw, or returned something else than a service. */
export function noService(recording: Recording): Shortfall | undefined {
  const started = settled(recording, 'start')
  if (!started) return undefined
  if (!started.ok) return { seen: `startService() threw: ${said(started)}`, show: [started.event] }
  const { isPromise, ready, stop } = returned(started, Started) ?? {}
  if (ready === 'function' && stop === 'function') return undefined
  const seen = isPromise
    ? 'startService() returned a promise instead of a service with ready and stop().'
    : `startService() returned something without ${ready === 'function' ? 'stop()' : 'a promise called ready'}.`
  return { seen, looksLike: isPromise ? 'returns-a-promise' : undefined, show: [started.event] }
}

/** ready rejected, or it resolved before the broker had accepted the consumer. */
export function readyTooEarly(recording: Recording): Shortfall | undefined {
  const [answer] = told(recording, 'ready')
  const accepted = markOf(recording, 'the broker accepts the consumer')
  if (answer && !answer.data.ok) {
    const seen = `The broker came up after the service, and ready rejected: ${said(answer.data)}`
    return { seen, looksLike: accepted ? undefined : 'gives-up', show: [told(recording, 'attempt-ended')[0], answer] }
  }
  if (!isBefore(recording, answer, accepted)) return undefined
  const consume = frame(recording, 'basic.consume')
  return {
    seen: isBefore(recording, answer, consume)
      ? 'ready resolved before your service had sent basic.consume.'
      : 'ready resolved before the broker had sent basic.consume-ok.',
    looksLike: 'ready-too-early',
    show: [answer, consume, accepted],
    wrong: { event: answer, instead: 'ready resolves after basic.consume-ok' },
  }
}

/** A task was answered before the lab had let its handler succeed. */
export function ackedEarly(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  for (const settlement of all.settlements) {
    const early = all.covered(settlement).find(({ body }) => !all.named(body).succeededBefore(settlement.frame))
    if (!early) continue
    return {
      seen: `Your service acknowledged '${early.body}' before the work was done.`,
      looksLike: 'acks-unfinished',
      show: [all.attempts[0]?.event, settlement.frame],
      wrong: { event: settlement.frame, instead: AFTER_WORK },
    }
  }
  return undefined
}

/** A handler began after stop() had been called. */
export function beganAfterStop(recording: Recording): Shortfall | undefined {
  const { asked } = firstStop(recording)
  const begun = tasks(recording).attempts.find(({ event }) => isBefore(recording, asked, event))
  if (!begun) return undefined
  const cancel = frame(recording, 'basic.cancel')
  return {
    seen: `Your service started working on '${begun.task}' after stop() was called.`,
    // Elsewhere there was no consumer yet that could be cancelled.
    looksLike: recording.scenario === busy.name && !cancel ? 'keeps-consuming' : 'begins-new-work',
    show: [asked, cancel, tasks(recording).named(begun.task).delivery?.frame, begun.event],
    wrong: { event: begun.event, instead: 'nothing, because the broker requeues this task when the channel closes' },
  }
}

/** The channel was closed, or a task acknowledged, while handlers still worked. */
export function endedTooEarly(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  const { asked } = firstStop(recording)
  const close = ownClose(recording)
  const done = markOf(recording, DONE)
  if (close && (done ? isBefore(recording, close, done) : marked(recording, 'a late task was published'))) {
    const early = earlyEnd(recording, close)
    return {
      seen: `${early.when} your service closed its ${close.method.split('.')[0]} while ${early.working}.`,
      looksLike: early.looksLike ?? 'closes-too-early',
      show: [asked, early.last, close, done],
      wrong: { event: close, instead: 'the acks first, then the close' },
    }
  }
  for (const ack of all.settlements.filter(({ kind, frame }) => kind === 'ack' && isBefore(recording, asked, frame))) {
    const early = all.covered(ack).find(({ body }) => {
      const task = all.named(body)
      return task.attempts.length > 0 && !task.succeededBefore(ack.frame)
    })
    if (!early) continue
    return {
      seen: `After stop() was called, your service acknowledged '${early.body}' while its handler was still working.`,
      looksLike: 'acks-unfinished',
      show: [asked, ack.frame, done],
      wrong: { event: ack.frame, instead: AFTER_WORK },
    }
  }
  return undefined
}

/** Longer than it takes to go on after something has come. */
const AT_ONCE_MS = 100

/** What a service that ended too early went by: some of its handlers, a time, or nothing at all. */
function earlyEnd(recording: Recording, end: RecordedEvent) {
  const { asked } = firstStop(recording)
  const all = tasks(recording)
  const before = until(recording, end)
  const finished = all.finishes.filter(
    ({ event }) => isBefore(recording, asked, event) && isBefore(recording, event, end),
  )
  const left = begun(recording).filter(({ call }) => !finished.some(({ calls }) => calls.includes(call)))
  const last = finished.at(-1)?.event
  const since = frame(before, 'basic.cancel-ok') ?? asked
  const waitedMs = end.ms - (since?.ms ?? end.ms)
  const isTwin = left.length === 1 && finished.some(({ tasks }) => tasks.some((task) => task === left[0]?.task))
  const working =
    left.length === 1
      ? `the handler for ${isTwin ? 'another task with the text ' : ''}'${left[0]?.task}' was still working`
      : `${left.length} handlers were still working`
  if (last) {
    const which = finished.flatMap(({ tasks }) => tasks.map((task) => `'${task}'`)).join(' and ')
    return {
      count: left.length,
      when: `After stop() was called, the handler${finished.length > 1 ? 's' : ''} for ${which} finished, and then`,
      working,
      last,
      looksLike: isTwin ? 'known-by-its-text' : 'waits-for-some',
    }
  }
  if (waitedMs < AT_ONCE_MS)
    return { count: left.length, when: 'When stop() was called,', working, last, looksLike: undefined }
  const ms = end.ms - (asked?.ms ?? 0)
  const own = onFastClocks(ms)
  const later =
    own > ms
      ? `about ${Math.round(own / 1000)} s later by its own clock (the lab makes it run fast)`
      : `${(ms / 1000).toFixed(1)} s later`
  return {
    count: left.length,
    when: `stop() was called, and ${later}`,
    working,
    last,
    looksLike: 'stops-at-a-deadline',
  }
}

/** What was worked on is in the queue again, or what was not is no more there. */
export function leftOtherwise(recording: Recording): Shortfall | undefined {
  const look = contents(recording).at(-1)
  if (!look) return reached(recording, DONE) ?? reached(recording, 'looked into the queue')
  const all = tasks(recording)
  const finished = begun(recording)
  const countOf = (text: string, some: string[]) => some.filter((each) => each === text).length
  const begunTexts = finished.map(({ task }) => task)
  // Of two that are equal one may have waited in the queue all the time.
  const undone = [...new Set(TASKS)]
    .map((text) => countOf(text, look.tasks) - (countOf(text, TASKS) - countOf(text, begunTexts)))
    .reduce((sum, more) => sum + Math.max(0, more), 0)
  if (undone > 0 && all.finishes.length > 0) {
    const acks = all.settlements.filter(({ kind }) => kind === 'ack')
    const close = ownClose(recording)
    const handlers = finished.length === 1 ? 'A handler' : `${finished.length} handlers`
    const back = finished.length === 1 ? 'its task is' : `${undone} of their tasks ${undone === 1 ? 'is' : 'are'}`
    const came = acks.length === 0 ? 'no ack reached' : 'not every ack reached'
    return {
      seen: `${handlers} finished after stop() was called, but ${back} back in the queue, because ${came} the broker.`,
      looksLike: close && 'close-overtakes-acks',
      show: [all.finishes.at(-1)?.event, acks.at(-1)?.frame, close, look.event],
      wrong: { event: close, instead: 'the acks first, then the close' },
    }
  }
  const gone = [...TASKS, LATE].find((task) => !look.tasks.includes(task) && all.named(task).attempts.length === 0)
  if (gone === undefined) return finished.length > 0 ? undefined : reached(recording, DONE)
  const { delivery, settlements } = all.named(gone)
  const seen = `No handler worked on '${gone}', but the task is no longer in the queue, so it's lost.`
  const [answer] = settlements
  // Whoever acknowledges everything that is open has not looked at this one.
  const isOwn = gone === LATE && answer && all.covered(answer).length === 1
  return {
    seen: `${seen} ${isOwn ? `Your service had ${answer.kind === 'ack' ? 'acknowledged' : 'rejected'} it.` : ''}`.trim(),
    looksLike: isOwn ? 'answers-the-late' : 'acks-unfinished',
    show: [delivery?.frame, answer?.frame, look.event],
    wrong: isOwn
      ? { event: answer.frame, instead: 'nothing, because the broker requeues this task when the channel closes' }
      : undefined,
  }
}

/** What the service began with of what was there before it was asked to stop. */
function begun(recording: Recording) {
  return tasks(recording).attempts.filter(({ task }) => TASKS.includes(task))
}

/** The first frame of the service's that closes its channel or connection. */
export function ownClose(recording: Recording): FrameEvent | undefined {
  return frames(recording, 'channel.close', 'connection.close').find(({ from }) => from === 'student')
}

/** stop() resolved while handlers still worked. */
export function stoppedTooEarly(recording: Recording): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  const done = markOf(recording, DONE)
  if (!answer) return reached(recording, 'stopped')
  if (done && !isBefore(recording, answer, done)) return undefined
  const early = earlyEnd(recording, answer)
  if (early.count === 0) return reached(recording, DONE)
  return {
    seen: `${early.when} ${early.last ? 'stop()' : 'it'} resolved while ${early.working}.`,
    looksLike: early.looksLike ?? 'stops-too-early',
    show: [asked, early.last, answer, done],
    wrong: { event: answer, instead: 'stop() resolves after the acks and the close' },
  }
}

/** The service has not ended its connection itself, in the orderly way, before stop() resolved. */
export function closedOtherwise(recording: Recording): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  // When the lab ends the process itself, nothing after it is the service's doing.
  const last = processes(recording, 'signalled')[0] ?? recording.events.at(-1)
  const ends = connections(recording).flatMap(({ reached, end }) => (reached === 'open' ? [end] : []))
  if (ends.some((end) => !end || end.ms > (last?.ms ?? 0))) {
    const seen = 'stop() resolved, but the connection was still open.'
    return { seen, looksLike: 'leaves-open', show: [asked, answer] }
  }
  const broken = ends.find((end) => end?.how !== 'closed')?.event
  if (broken) {
    return {
      seen: 'Your service dropped its connection without sending connection.close.',
      looksLike: 'breaks-off',
      show: [asked, broken, answer],
      wrong: { event: broken, instead: 'connection.close, then connection.close-ok' },
    }
  }
  const late = ends.find((end) => isBefore(recording, answer, end?.event))?.event
  if (!late) return ends.length > 0 ? undefined : reached(recording, 'stopped')
  const seen = 'stop() resolved before the connection was closed.'
  return { seen, looksLike: 'stops-too-early', show: [asked, answer, late] }
}

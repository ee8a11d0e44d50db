import {
  atBroker,
  awaited,
  connections,
  contents,
  declares,
  deliveries,
  type Events,
  findings,
  frame,
  frames,
  isBefore,
  isOpenAt,
  lastAwaited,
  marked,
  markOf,
  outstanding,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  settlements,
  since,
  tasks,
  times,
  told,
  until,
} from '../../lab/check/evidence.ts'
import { QUEUE } from '../shared/service-scenarios.ts'
import { hasHeartbeat } from './looks.ts'
import { MOMENTS_MS, PREFETCH } from './plays.ts'
import { away, deleted, failing, forced, halfOpen, refused, resets, restart, twice } from './scenarios.ts'
import { stopsTooEarly } from './stops.ts'

/** How a service comes back when it has lost its connection or its consumer. */

/** The default of lesson 02's maxDelayMs. */
const LONGEST_WAIT_S = 30

const LOST: Record<string, string> = {
  [resets.name]: 'The connection was reset',
  [forced.name]: 'The broker closed the connection by force',
  [restart.name]: 'The broker restarted',
  [deleted.name]: 'The queue was deleted, and the broker cancelled the consumer',
  [twice.name]: 'The queue was deleted, and the connection was reset before there was a new consumer',
  [halfOpen.name]: 'The link went silent',
  [away.name]: 'The connection was reset, and the broker was away for a while',
  [failing.name]: 'After a reset, the lab made the attempts to reconnect fail',
  [refused.name]: 'The broker refused the queue for a while, since one with other properties was there',
}

/** It lost what the scenario says, and was not back. */
export function staysAway(recording: Recording, round = 1): Shortfall | undefined {
  const what = `${LOST[recording.scenario]}${round === 1 ? '' : ' again'}`
  const lost = markOf(recording, `lost ${round}`)
  if (!lost) return reached(recording, `lost ${round}`)
  if (marked(recording, `consumes again ${round}`)) return undefined
  const [end] = findings(recording)
  const [cause] = lossEvents(recording, lost)
  if (end) {
    return {
      seen: `${what}. ${end.sentence}`,
      looksLike: 'dies-of-it',
      show: [cause, end],
      wrong: { event: end, instead: 'the process keeps running and recovers' },
    }
  }
  const inVain = awaited(recording)
  if (!inVain) return reached(recording, `consumes again ${round}`)
  const attempts = connections(recording).filter(({ acceptedMs }) => acceptedMs > lost.ms)
  // Attempts at a closed port never come to the wire.
  const hasTried = told(recording, 'attempt').some(({ ms }) => ms > lost.ms)
  const wasOpen = attempts.some(({ openMs }) => openMs)
  // Since the loss that is shown: a restart takes the connection with it only some time after it was begun.
  const seconds = Math.max(1, Math.round((inVain.ms - (cause ?? lost).ms) / 1000))
  const isIdle = !hasTried && recording.scenario !== deleted.name
  const but = wasOpen ? ', although it was connected' : isIdle ? " and hadn't tried to connect" : ''
  const looksLike = hasTried ? (wasOpen ? undefined : 'gives-up') : deafTo(recording, cause)
  const seen = `${what}. ${seconds} s later, your service still had no new consumer${but}.`
  return { seen, looksLike: round > 1 ? 'comes-back-once' : looksLike, show: [cause, attempts[0]?.end?.event, inVain] }
}

/** The broker was away, and a wait went on and on. */
export function waitsTooLong(recording: Recording): Shortfall | undefined {
  const mark = markOf(recording, 'a wait was too long')
  const failed = told(until(afterLoss(recording), mark), 'attempt-ended')
  const last = failed.at(-1)
  // The end of the lost connection counts as one: where there is nothing else, it never tried.
  if (!mark || !last || failed.length < 3) return undefined
  return {
    seen: `The connection was reset, and the broker was away for ${times(failed.length - 1, 'attempt')}. The wait after the last one went past ${LONGEST_WAIT_S} s by its own clock (the lab makes it run fast), and there was still no other attempt.`,
    looksLike: 'waits-grow',
    show: [markOf(recording, 'lost 1'), failed.at(-2), last, mark],
    wrong: { event: mark, instead: `an attempt, no more than ${LONGEST_WAIT_S} s after the last one` },
  }
}

/** The broker was away for many attempts, and the service did not come back with it. */
export function givesUp(recording: Recording): Shortfall | undefined {
  const back = markOf(recording, 'the broker is back')
  const [end] = findings(recording)
  if (!back || end || marked(recording, 'consumes again 1')) return staysAway(recording)
  const failed = told(until(afterLoss(recording), back), 'attempt').length
  const after = told(since(recording, back), 'attempt').length
  const inVain = lastAwaited(recording)
  if (after > 0 || !inVain) return staysAway(recording)
  return {
    seen: `The connection was reset, and ${times(failed, 'attempt')} failed while the broker was away. ${Math.round((inVain.ms - back.ms) / 1000)} s after the broker came back, your service still hadn't tried again.`,
    looksLike: failed > 1 ? 'counts-its-attempts' : 'gives-up',
    show: [markOf(recording, 'lost 1'), told(recording, 'attempt-ended').at(-1), back, inVain],
  }
}

/** What it looks like when nobody does anything about a loss. */
function deafTo(recording: Recording, cause: RecordedEvent | undefined): string {
  const method = cause?.kind === 'frame' ? cause.method : undefined
  if (method === 'basic.cancel') return 'deaf-to-cancel'
  const isForced = atBroker(recording, 'closes-connections').length > 0
  return method === 'connection.close' && isForced ? 'listens-for-error-only' : 'never-comes-back'
}

/** What the service could see of the loss. */
function lossEvents(recording: Recording, lost: RecordedEvent | undefined): RecordedEvent[] {
  return since(recording, lost).events.filter(
    (event) =>
      (event.kind === 'tcp' && event.what !== 'accepted') ||
      (event.kind === 'fault' && event.name === 'half-open') ||
      (event.kind === 'frame' && event.from === 'broker' && /^(basic\.cancel|connection\.close)$/.test(event.method)),
  )
}

/** The service did not agree on a heartbeat that it needs. */
export function otherHeartbeat(recording: Recording): Shortfall | undefined {
  const all = connections(recording)
  const other = all.find((each) => each.openMs !== undefined && !hasHeartbeat(each))
  if (!other) return undefined
  const agreed = other.heartbeat ? `negotiated a heartbeat of ${other.heartbeat} s` : "didn't negotiate a heartbeat"
  const isAsked = recording.scenario === halfOpen.name
  const isLater = other !== all[0]
  const its = (method: 'connection.tune' | 'connection.tune-ok') =>
    frames(recording, method).find(({ connection }) => connection === other.connection)
  return {
    seen: `${isAsked ? 'The URL contained ?heartbeat=30, and your' : 'Your'} service ${agreed} with the broker${isLater ? ' when it connected again' : ''}.`,
    looksLike: 'no-heartbeat',
    show: [isAsked ? its('connection.tune') : undefined, its('connection.tune-ok')],
    instead: 'a heartbeat of 1 or 2',
  }
}

/** The queue was deleted, and is not declared before it is consumed from. */
export function consumesOnly(recording: Recording): Shortfall | undefined {
  const [consumed] = frames(afterLoss(recording), 'basic.consume')
  if (!consumed || isBefore(recording, declaredAnew(recording), consumed)) return undefined
  return {
    seen: 'After the queue was deleted, your service started a consumer without declaring the queue again.',
    looksLike: 'consumes-only',
    show: [frame(recording, 'basic.cancel'), consumed, frame(recording, 'channel.close', 'broker')],
    wrong: { event: consumed, instead: 'queue.declare first' },
  }
}

function afterLoss(recording: Recording): Events {
  return since(recording, markOf(recording, 'lost 1'))
}

/** The first declaration of the queue after it was lost. */
export function declaredAnew(recording: Recording) {
  return declares(afterLoss(recording)).find(({ fields }) => fields.queue === QUEUE)
}

/** The queue was deleted, and declared otherwise than before. */
export function declaresOtherwise(recording: Recording): Shortfall | undefined {
  const declared = declaredAnew(recording)
  if (!declared || declared.fields.durable === true) return undefined
  const seen = `Your service declared '${QUEUE}' again, without making it durable.`
  return { seen, show: [frame(recording, 'basic.cancel'), declared] }
}

/** On one of its connections the broker sent more than the prefetch allows. */
export function forgetsPrefetch(recording: Recording): Shortfall | undefined {
  for (const { connection } of connections(recording)) {
    const { most } = outstanding(recording, { connection })
    if (most <= PREFETCH) continue
    const consume = frames(recording, 'basic.consume').find((each) => each.connection === connection)
    const sent = deliveries(recording).filter((each) => each.connection === connection)
    return {
      seen: `prefetch was ${PREFETCH}, but your service had ${most} unacknowledged tasks at once on connection ${connection}.`,
      looksLike: 'prefetch-once',
      show: [consume, ...sent.slice(0, PREFETCH + 1).map(({ frame }) => frame)],
      wrong: { event: consume, instead: 'basic.qos first, on this channel' },
    }
  }
  return undefined
}

/** It came back with more than one connection or consumer. */
export function moreThanOne(recording: Recording): Shortfall | undefined {
  const mark = markOf(recording, 'not one of each')
  if (!mark) return undefined
  const lost = markOf(recording, 'lost 1')
  const open = connections(recording).filter((each) => isOpenAt(each, mark.ms))
  const looked = atBroker(recording, 'queue').findLast(({ ms }) => ms <= mark.ms)
  const consumers = looked ? times(looked.data.consumers, 'consumer') : '? consumers'
  const opened = open.map(({ accepted }) => accepted)
  return {
    seen: `After your service recovered, it had ${times(open.length, 'open connection')}, and the queue had ${consumers}.`,
    looksLike: open.some(({ acceptedMs }) => acceptedMs < (lost?.ms ?? 0)) ? 'leaves-the-old-one' : 'two-of-them',
    show: [lossEvents(recording, lost)[0], ...opened.slice(0, 3), looked],
    wrong: { event: opened.at(-1), instead: 'nothing, because one connection is enough' },
  }
}

/** What was in hand when it was lost was not done in the end. */
export function forgetsInHand(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'consumes again 1')) return undefined
  // What stop() did not wait for is told where stops are judged.
  if (stopsTooEarly(recording) && marked(recording, 'worked again 1')) return undefined
  const lost = markOf(recording, 'lost 1')
  const look = contents(recording).at(-1)
  const [held] = look?.tasks ?? []
  if (held !== undefined) {
    return {
      seen: `'${held}' was still in the queue after your service had recovered and all its handlers had finished.`,
      looksLike: 'forgets-in-hand',
      show: [
        lost,
        ...tasks(recording)
          .named(held)
          .deliveries.map(({ frame }) => frame),
        look?.event,
      ],
    }
  }
  if (marked(recording, 'worked again 1')) return undefined
  const again = outstanding(recording).left.find(
    ({ body, frame, redelivered }) =>
      redelivered &&
      isBefore(recording, lost, frame) &&
      !tasks(recording)
        .named(body)
        .attempts.some(({ event }) => isBefore(recording, frame, event)),
  )
  if (!again) return reached(recording, 'worked again 1')
  const first = tasks(recording).named(again.body).delivery
  const seen = `'${again.body}' was in progress when the connection was lost. It was delivered again, but ${MOMENTS_MS / 1000} s later your service had neither started on it nor acknowledged it.`
  return { seen, looksLike: 'forgets-in-hand', show: [first?.frame, lost, again.frame, lastAwaited(recording)] }
}

/**
 * An ack on a connection that came after the loss, for a delivery none of whose own handlers had been told to end: it
 * is that of an older delivery.
 */
export function acksLate(recording: Recording): Shortfall | undefined {
  const [first] = connections(recording)
  for (const { frame, connection, channel, deliveryTag, kind } of settlements(recording)) {
    if (connection === first?.connection) continue
    const delivery = deliveries(recording).findLast(
      (each) =>
        each.connection === connection &&
        each.channel === channel &&
        each.deliveryTag === deliveryTag &&
        isBefore(recording, each.frame, frame),
    )
    const own = tasks(recording).attempts.filter(
      ({ task, event }) => task === delivery?.body && isBefore(recording, delivery.frame, event),
    )
    const ends = tasks(recording).finishes.filter(({ event }) => isBefore(recording, event, frame))
    if (ends.some(({ calls }) => own.some(({ call }) => calls.includes(call)))) continue
    const did = kind === 'ack' ? 'acknowledged' : 'gave back'
    const acknowledged = delivery
      ? `your service ${did} '${delivery.body}' on the new connection, where the handler for that delivery was still working.`
      : `your service ${did} delivery ${deliveryTag} on the new connection, which has no such delivery.`
    return {
      seen: `A handler for a task delivered on the lost connection finished, and ${acknowledged}`,
      looksLike: 'late-ack',
      show: [markOf(recording, 'lost 1'), delivery?.frame, ends.at(-1)?.event, frame],
      instead: 'nothing, because the broker has already requeued that task',
    }
  }
  return undefined
}

/** A handler of the lost connection failed, and the process ended. */
export function diesOfTheOld(recording: Recording): Shortfall | undefined {
  const [end] = findings(recording)
  const back = markOf(recording, 'consumes again 2')
  if (!end || !back || marked(recording, 'the old handlers ended 2')) return undefined
  return {
    seen: `A handler for a task delivered on the lost connection rejected, and your process ended. ${end.sentence}`,
    looksLike: 'dies-of-it',
    show: [markOf(recording, 'lost 2'), tasks(recording).finishes.at(-1)?.event, end],
    wrong: { event: end, instead: 'nothing, because the broker has already requeued that task' },
  }
}

import {
  closing,
  first,
  isBefore,
  marked,
  type RecordedEvent,
  type Recording,
  type Shortfall,
} from '../../lab/check/evidence.ts'
import { FAILURE } from '../../lab/student/handlers.ts'
import { crashedBy, lookOf, missing } from '../shared/consumer.ts'
import { kept, reached, workedAgain } from './evidence.ts'
import { asked, FIRST, type Message, of } from './scenarios.ts'
import { STORE_ERROR } from './store.ts'

/** Work, store and ack in another order than that in which nothing gets lost, and what gets lost when one of them fails. */

/** Nobody comes so often without being let in. */
const HOT_LOOP = 6

/** A task was remembered before it was done, or acknowledged before it was remembered, by the first worker. */
export function outOfOrder(whole: Recording): Shortfall | undefined {
  const killed = whole.events.findIndex((event) => event.kind === 'mark' && event.name.startsWith('killed'))
  const recording = killed < 0 ? whole : { ...whole, events: whole.events.slice(0, killed + 1) }
  for (const message of FIRST) {
    const { id, task } = message
    const { acks, attempts, done } = of(recording, message)
    const [work] = attempts
    if (!work) continue
    const added = asked(recording, 'add', id)[0]
    const ack = acks[0]?.settlement.frame
    const isBeforeWork = (event: RecordedEvent | undefined) => isBefore(recording, event, done)
    if (isBeforeWork(added)) {
      return {
        seen: `Your service called add() for '${task}' before its handler had finished.`,
        looksLike: 'remembers-early',
        show: [work.event, added, done],
        wrong: { event: added, instead: 'the work first, then add()' },
      }
    }
    if (isBeforeWork(ack)) {
      return {
        seen: `Your service acknowledged '${task}' before its handler had finished.`,
        looksLike: 'acks-early',
        show: [work.event, ack, done],
        wrong: { event: ack, instead: 'the work, then add(), then the ack' },
      }
    }
    if (done && !added && (ack || marked(recording, 'each was done'))) {
      return {
        seen: `'${task}' was done, but your service never added its ID to the store.`,
        looksLike: whyNotRemembered(recording),
        show: [done, asked(recording, 'add')[0], ack],
        wrong: { event: ack, instead: `add('${id}') first` },
      }
    }
    if (added && ack && !isBefore(recording, kept(recording, id), ack)) {
      return {
        seen: `Your service acknowledged '${task}' before the store confirmed that it had added the task's ID.`,
        looksLike: 'acks-before-remembering',
        show: [done, added, ack, kept(recording, id)],
        wrong: { event: ack, instead: "the store's confirmation first, then the ack" },
      }
    }
  }
  return undefined
}

function whyNotRemembered(recording: Recording): string {
  if (asked(recording, 'add').length > 0) return 'not-the-message-id'
  const isKnown = asked(recording, 'has').length === 0 && marked(recording, 'came again') && !workedAgain(recording)
  return isKnown ? 'own-memory' : 'never-remembers'
}

/** A handler failed, and its task was remembered, or lost; or the process or its channel ended. */
export function lostWithItsWork(recording: Recording, messages: Message[]): Shortfall | undefined {
  return (
    endedOver(recording, 'A handler failed', FAILURE, 'failure-not-caught') ??
    first(messages, (message) => rememberedUndone(recording, message) ?? goneUndone(recording, message)) ??
    reached(recording, 'looked into the queue')
  )
}

/** The store rejected, and a task was lost over it; or the process or its channel ended. */
export function lostWithItsStore(recording: Recording, messages: Message[]): Shortfall | undefined {
  return (
    endedOver(recording, 'A call to the store rejected', STORE_ERROR, 'store-error-not-caught') ??
    first(messages, (message) => goneUndone(recording, message)) ??
    reached(recording, 'looked into the queue')
  )
}

function endedOver(recording: Recording, what: string, error: string, looksLike: string): Shortfall | undefined {
  const crashed = crashedBy(recording, what, { show: undefined, error, looksLike })
  const close = closing(recording)
  return crashed ?? (close && { seen: `${what}, and the channel was closed: ${close.fields.replyText}`, show: [close] })
}

/** A task was remembered although its handler had failed. */
function rememberedUndone(recording: Recording, message: Message): Shortfall | undefined {
  const { attempts, done } = of(recording, message)
  const [failed] = attempts
  const [added] = asked(recording, 'add', message.id)
  if (!failed || !added || (done && !isBefore(recording, added, done))) return undefined
  return {
    seen: `The handler for '${message.task}' failed, but your service added the task's ID to the store.`,
    looksLike: 'remembers-failed',
    show: [failed.event, added],
    wrong: { event: added, instead: 'nothing, because only tasks that are done belong in the store' },
  }
}

/** A task that was never done, and that nobody has any more. */
function goneUndone(recording: Recording, message: Message): Shortfall | undefined {
  const { acks, attempts, deliveries, isDone, settlements } = of(recording, message)
  const { task } = message
  if (isDone || !lookOf(recording)) return undefined
  const [failed] = attempts
  const copies = deliveries.filter(({ redelivered }) => !redelivered).length
  if (copies === 1 && deliveries.length > HOT_LOOP && failed && attempts.length === 1) {
    return {
      seen: `The handler for '${task}' failed. The broker redelivered the task ${deliveries.length - 1} times, but your service never called the handler again.`,
      looksLike: 'at-work-for-ever',
      show: [failed.event, ...deliveries.slice(1, 3).map(({ frame }) => frame), deliveries.at(-1)?.frame],
    }
  }
  if (missing(recording, [task]).length === 0) return undefined
  const [ack] = acks
  const dropped = settlements.find(({ requeue }) => requeue === false)
  const isInDoubt = !failed && isBefore(recording, ack?.own?.frame, asked(recording, 'has', message.id).at(-1))
  // It went back to the queue first, and was acknowledged when it came again, although nobody had asked the store.
  const givenBack = ack && !isInDoubt ? settlements.find(({ requeue }) => requeue === true) : undefined
  const why = failed
    ? `The handler for '${task}' failed${attempts.length > 1 ? ` ${attempts.length} times` : ''}.`
    : `has() rejected for '${task}'.`
  const answer = ack?.settlement.frame ?? dropped?.frame
  return {
    seen: `${why} ${givenBack ? 'The task came back, and your service acknowledged it without doing the work' : "The work was never done, and after the lab killed the worker, the task wasn't in the queue"}, so it's lost.`,
    looksLike: givenBack
      ? 'at-work-for-ever'
      : ack
        ? failed
          ? 'acks-failed'
          : 'done-when-in-doubt'
        : dropped && 'drops-failed',
    show: [
      deliveries[0]?.frame,
      failed?.event,
      givenBack?.frame,
      givenBack && ack?.own?.frame,
      answer,
      lookOf(recording),
    ],
    wrong: { event: answer, instead: givenBack ? 'the work' : 'a nack with requeue, so that the task is redelivered' },
  }
}

/** The store had an id, but rejected when it was asked, and the work was done again. */
export function workedInDoubt(recording: Recording, message: Message & { id: string }): Shortfall | undefined {
  const [again] = of(recording, message).attempts
  const [asking] = asked(recording, 'has', message.id)
  if (!again || !asking || !isBefore(recording, asking, again.event)) return undefined
  return {
    seen: `The store rejected when your service asked about the ID of '${message.task}', and your service did the work. The store had that ID, so the work had already been done.`,
    looksLike: 'works-when-in-doubt',
    show: [of(recording, message).delivery?.frame, asking, again.event],
    wrong: { event: again.event, instead: 'a nack with requeue, so that the task is redelivered' },
  }
}

/** An ack for a task whose id the store has never taken. */
export function unrememberedAck(recording: Recording, messages: (Message & { id: string })[]): Shortfall | undefined {
  return first(messages, (message) => {
    const [added] = asked(recording, 'add', message.id)
    const { acks, done } = of(recording, message)
    const ack = acks[0]?.settlement.frame
    // Who remembers something else than the id is told so where the order is judged.
    if (!added || !ack || isBefore(recording, kept(recording, message.id), ack)) return undefined
    return {
      seen: `'${message.task}' was done, but add() rejected. Your service acknowledged the task anyway.`,
      looksLike: 'acks-unremembered',
      show: [done, added, ack],
      wrong: { event: ack, instead: 'no ack, so that the task comes back until the store has its ID' },
    }
  })
}

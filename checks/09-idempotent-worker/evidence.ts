import {
  type Attempt,
  awaited,
  closedBecause,
  closing,
  findings,
  isBefore,
  marked,
  markOf,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'
import { reachedBy } from '../shared/consumer.ts'
import { ackedOf, asked, countOf, FIRST, INVOICE, MAIL, ORDER, of, REQUEST, WITHOUT } from './scenarios.ts'

const ONLY_ACK = 'only an ack, because this work is already done'

export function reached(recording: Recording, mark: string): Shortfall | undefined {
  return reachedBy(recording, mark, ['consume', 'consumeOnce'])
}

/** The store's word that an id is kept now; missing where it never said so. */
export function kept({ events }: Recording, id: string): RecordedEvent | undefined {
  return events.find(
    (event) =>
      event.kind === 'asked' &&
      event.name === 'store-answer' &&
      event.data.what === 'add' &&
      event.data.id === id &&
      event.data.error === undefined,
  )
}

/** The handler was called for what was published again. */
export function workedAgain(recording: Recording): Attempt | undefined {
  const mark = markOf(recording, 'each was done')
  return mark && tasks(recording).attempts.find(({ event }) => isBefore(recording, mark, event))
}

/** What was done and published again was done again. */
export function doneAgain(recording: Recording, unacknowledged: Recording): Shortfall | undefined {
  const copy = workedAgain(recording)
  if (!copy) return undefined
  const message = [MAIL, INVOICE].find(({ task }) => task === copy.task) ?? INVOICE
  const { id } = message
  const stored = kept(recording, id)
  const neverAsked = asked(recording, 'has').length === 0
  const late = neverAsked ? askedWhenRedelivered(unacknowledged) : []
  const isLate = late.length > 0
  return {
    seen: `Your service finished '${copy.task}' with the ID '${id}'. When the lab published it again, your service called the handler a second time.${isLate ? ' It asked the store about a redelivered task, but not about this one.' : ''}`,
    looksLike: isLate ? 'asks-when-redelivered' : neverAsked ? 'never-asks' : stored ? undefined : 'never-remembers',
    show: [
      tasks(recording).named(copy.task).attempts[0]?.event,
      stored,
      of(recording, message).deliveries[1]?.frame,
      copy.event,
      ...late,
    ],
    wrong: { event: copy.event, instead: isLate ? `has('${id}') first, then only an ack` : ONLY_ACK },
  }
}

/** The store was asked about what was redelivered, and before that about nothing: what it was about, and the question. */
function askedWhenRedelivered(recording: Recording): RecordedEvent[] {
  const [first] = asked(recording, 'has')
  const delivery = tasks(recording).deliveries.find(
    ({ properties, redelivered }) => redelivered && properties.messageId === (first?.data.id ?? undefined),
  )
  return first && delivery && isBefore(recording, delivery.frame, first) ? [delivery.frame, first] : []
}

/** What was done before was not acknowledged when it came again, or never. */
export function copyNotAcked(recording: Recording): Shortfall | undefined {
  const unanswered = [MAIL, INVOICE].find((message) => of(recording, message).acks.length < 2)
  if (!unanswered || !marked(recording, 'came again')) return undefined
  const { id, task } = unanswered
  const { acks, deliveries } = of(recording, unanswered)
  const never = acks.length === 0
  const gaveBack = tasks(recording).settlements.some(({ kind }) => kind !== 'ack')
  return {
    seen: `Your service finished '${task}' with the ID '${id}'${never ? ', but never acknowledged it' : '. The lab published it again, but your service never acknowledged the copy'}.`,
    looksLike: never ? 'never-acks' : gaveBack ? undefined : 'copy-stays',
    show: [deliveries[0]?.frame, kept(recording, id), deliveries[1]?.frame, awaited(recording)],
  }
}

function whereFrom(id: string | null | undefined): string {
  if (id === ORDER) return ' That is the correlation ID of two of the tasks.'
  return id === REQUEST ? ' That value is in the headers of two of the tasks.' : ''
}

/** A handler was called with something else than a task and its id, or not at all for a task with the text of another. */
export function calledOtherwise(recording: Recording): Shortfall | undefined {
  const { attempts, deliveries } = tasks(recording)
  for (const { id, idType, task, type, event } of attempts) {
    const delivery = deliveries.find(({ properties }) => properties.messageId === id)
    if (!delivery) {
      return {
        seen: `Your service called the handler with ${given(id, idType)} as the ID of '${task}'.${whereFrom(id)} The IDs of the messages were ${FIRST.map(({ id }) => `'${id}'`).join(', ')}.`,
        looksLike: idType === 'undefined' ? 'no-id-for-the-handler' : 'not-the-message-id',
        show: [deliveries[0]?.frame, event],
      }
    }
    if (delivery.body === task && type === 'string') continue
    return {
      seen: `The task was '${delivery.body}', but your service called the handler with ${type === 'string' ? `'${task}'` : `a value of type ${type}`}.`,
      looksLike: 'wrong-text',
      show: [delivery.frame, event],
    }
  }
  const missing = FIRST.find(({ id }) => attempts.every((one) => one.id !== id))
  if (!missing || attempts.length === 0) return undefined
  const hasTwin = FIRST.some((each) => each !== missing && each.task === missing.task)
  return {
    seen: `Your service never called the handler for '${missing.task}' with the ID '${missing.id}'.${hasTwin ? ' Another task had the same text, but a different ID.' : ''}`,
    looksLike: 'not-the-message-id',
    show: [
      ...FIRST.slice(0, 2).map((message) => of(recording, message).delivery?.frame),
      ...attempts.map(({ event }) => event),
      of(recording, missing).acks[0]?.settlement.frame,
    ],
  }
}

function given(id: string | null | undefined, idType: string | undefined): string {
  if (typeof id === 'string') return `'${id}'`
  return idType === 'undefined' ? 'undefined' : `a value of type ${idType}`
}

/** The store did not have the id, and the second worker did not do the task again. */
export function notDoneAgain(recording: Recording): Shortfall | undefined {
  const { attempts } = tasks(recording)
  if (!marked(recording, 'killed before it was remembered') || findings(recording).length > 0) return undefined
  if (attempts.some(({ student }) => student === 2)) return undefined
  const { acks, deliveries } = of(recording, INVOICE)
  const later = deliveries[1]
  const ack = acks[0]?.settlement.frame
  return {
    seen: `The lab killed the worker before the store had the ID. ${later ? `A second worker got the task, ${ack ? "but acknowledged it without doing the work, so it's lost" : 'but did not start on it'}.` : 'No other worker got the task.'}`,
    looksLike: ack && later?.redelivered ? 'trusts-redelivered' : undefined,
    show: [attempts[0]?.event, later?.frame, ack ?? awaited(recording)],
    wrong: ack && { event: ack, instead: 'the work, since the store does not have the ID' },
  }
}

/** The second worker did again what the store had, or left it unacknowledged. */
export function repeated(recording: Recording): Shortfall | undefined {
  const done =
    'The lab killed the worker after the work was done and the store had the ID of the task. A second worker got the task'
  const again = tasks(recording).attempts.find(({ student }) => student === 2)
  const [stored] = asked(recording, 'add', INVOICE.id)
  const { acks, deliveries } = of(recording, INVOICE)
  const later = deliveries[1]?.frame
  // That nothing is remembered is told where the order is judged.
  if (again && stored) {
    return {
      seen: `${done} and did it again.`,
      looksLike: asked(recording, 'has').some(({ student }) => student === 2) ? undefined : 'own-memory',
      show: [stored, later, again.event],
      wrong: { event: again.event, instead: ONLY_ACK },
    }
  }
  if (again || !marked(recording, 'seen by the second worker') || !later || acks.length > 0) return undefined
  return {
    seen: `${done}, but did not acknowledge it.`,
    looksLike: 'copy-stays',
    show: [stored, later, awaited(recording)],
  }
}

/** Two copies came at the same moment: both were worked on, or not both acknowledged. */
export function workedOnBoth(recording: Recording): Shortfall | undefined {
  const [first, second] = tasks(recording).attempts
  const { acks, deliveries } = of(recording, INVOICE)
  const frames = deliveries.map(({ frame }) => frame)
  const two = `Two copies of '${INVOICE.task}' were delivered`
  if (first && second) {
    const [one, other] = asked(recording, 'has', INVOICE.id)
    return {
      seen: `${two}, and your service called the handler for both.`,
      looksLike: one && other && other.ms <= second.event.ms ? 'two-at-once' : undefined,
      show: [...frames, one, other, first.event, second.event],
      wrong: { event: second.event, instead: 'no work, because it is already in progress' },
    }
  }
  if (!marked(recording, 'both copies were there') || acks.length >= 2) return undefined
  return {
    seen: `${two}. Your service did the work once, but sent ${acks.length === 0 ? 'no ack' : 'only one ack'}.${closedBecause(recording)}`,
    looksLike: closing(recording) ? undefined : 'copy-stays',
    show: [...frames, first?.event, awaited(recording)],
  }
}

/** A task without an id got one, or was not worked on. */
export function notWorkedOnWithoutId(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  const odd = all.attempts.find(({ id }) => id !== '')
  if (odd) {
    return {
      seen: `'${odd.task}' has no ID, but your service passed ${given(odd.id, odd.idType)} to the handler instead of ''.`,
      looksLike: odd.id === null ? 'id-left-undefined' : 'made-up-id',
      show: [all.named(odd.task).delivery?.frame, odd.event],
      wrong: { event: odd.event, instead: "'' as the ID" },
    }
  }
  const without = WITHOUT.map(({ task }) => ({ task, its: all.named(task) }))
  const unequal = without.find(({ task, its }) => its.attempts.length > 0 && its.attempts.length < countOf(task))
  if (unequal && ackedOf(recording, unequal.task) > unequal.its.attempts.length) {
    const { task, its } = unequal
    const ack = its.acks.at(-1)?.settlement.frame
    return {
      seen: `Two '${task}' tasks have no ID. Your service acknowledged both, but called the handler for only one of them.`,
      looksLike: 'one-id-for-all',
      show: [its.deliveries[0]?.frame, its.attempts[0]?.event, its.deliveries[1]?.frame, ack],
      wrong: { event: ack, instead: 'the work, because without IDs these are two tasks, even with the same text' },
    }
  }
  const skipped = without.find(({ its }) => its.isAcked && its.attempts.length === 0)
  if (skipped) {
    const { task, its } = skipped
    const ack = its.acks[0]?.settlement.frame
    return {
      seen: `'${task}' has no ID, and your service acknowledged it without calling the handler.`,
      looksLike: all.attempts.length > 0 ? 'one-id-for-all' : 'drops-without-id',
      show: [all.attempts[0]?.event, its.delivery?.frame, ack],
      wrong: { event: ack, instead: 'the work' },
    }
  }
  const left = without.find(({ task }) => ackedOf(recording, task) < countOf(task))
  if (!left || findings(recording).length > 0 || !awaited(recording)) return undefined
  const isWorkedOn = left.its.attempts.length > 0
  const givenBack = all.settlements.find(({ kind }) => kind !== 'ack')
  return {
    seen: `'${left.task}' has no ID. ${isWorkedOn ? 'Your service worked on it, but never acknowledged it' : 'Your service neither worked on it nor acknowledged it'}.`,
    looksLike: isWorkedOn ? undefined : 'drops-without-id',
    show: [left.its.delivery?.frame, givenBack?.frame, awaited(recording)],
  }
}

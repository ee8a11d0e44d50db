import { findings, marked, type Recording, type Shortfall, said, settled, times } from '../../lab/check/evidence.ts'
import { deliveries } from '../../lab/recording/deliveries.ts'
import { ackOfOthers, begun, closedBecause, closing, frame, secondAck, waited } from './tasks.ts'
import { MOMENTS_MS } from './work.ts'

/**
 * What lesson 04 promises, and later lessons promise again. Each says what a recording falls short of, and nothing where it
 * does not. The check that asks explains these misconceptions: not-text, wrong-encoding, acks-others, acks-twice,
 * made-up-tag, null-not-handled, late-ack.
 */

/** The handler was called with something else than the text of a task. */
export function otherText(recording: Recording, tasks: string[]): Shortfall | undefined {
  const wrong = begun(recording).find(({ type, task }) => type !== 'string' || !tasks.includes(task))
  if (!wrong) return undefined
  const delivery = deliveries(recording)[0]
  if (wrong.type !== 'string') {
    return {
      seen: `The handler was not called with a text, but with ${wrong.type === 'undefined' ? 'nothing' : `a value of type ${wrong.type}`}.`,
      looksLike: 'not-text',
      show: [delivery?.frame, wrong.event],
    }
  }
  return {
    seen: `The task was '${delivery?.body}', but the handler was called with '${wrong.task}'.`,
    looksLike: 'wrong-encoding',
    show: [delivery?.frame, wrong.event],
  }
}

/** An ack covers deliveries whose handlers still work. */
export function withAnothersAck(recording: Recording): Shortfall | undefined {
  const others = ackOfOthers(recording)
  if (!others) return undefined
  const { settlement, own, also, working } = others
  const covered = also.map(({ body }) => `'${body}'`).join(', ')
  return {
    seen: `Your service acknowledged ${own ? `'${own.body}'` : 'everything'}, and with it ${covered}: ${times(also.length, 'task')} that handlers still worked on.`,
    looksLike: 'acks-others',
    show: [working.frame, own?.frame, settlement.frame],
    wrong: { event: settlement.frame, instead: 'each task has a tag of its own, and an ack of its own' },
  }
}

/** A delivery was answered a second time. */
export function twice(recording: Recording): Shortfall | undefined {
  const [first, again] = secondAck(recording) ?? []
  if (!first || !again) return undefined
  return {
    seen: `Your service answered delivery ${again.deliveryTag} twice.${closedBecause(recording)}`,
    looksLike: 'acks-twice',
    show: [first.frame, again.frame, closing(recording)],
    wrong: { event: again.frame, instead: 'once is enough: the broker closes the channel for more' },
  }
}

/** The call did not resolve with the consumer's tag. */
export function otherTag(recording: Recording, name: string): Shortfall | undefined {
  const given = frame(recording, 'basic.consume-ok')
  const answer = settled(recording, 'consume')
  if (!given) return { seen: 'No consumer was ever started.' }
  if (!answer) {
    return {
      seen: `The consumer was there, but ${MOMENTS_MS / 1000} s later ${name}() was still pending.`,
      show: [given, waited(recording)],
    }
  }
  if (!answer.ok) return { seen: `${name}() rejected: ${said(answer)}`, show: [given, answer.event] }
  const { tag, type } = answer.value as { tag: string | null; type: string }
  if (tag === given.fields.consumerTag) return undefined
  const what = tag === null ? (type === 'undefined' ? 'nothing' : `a value of type ${type}`) : `'${tag}'`
  return {
    seen: `The broker called the consumer '${given.fields.consumerTag}', but ${name}() resolved with ${what}.`,
    looksLike: 'made-up-tag',
    show: [given, answer.event],
    wrong: { event: answer.event, instead: `'${given.fields.consumerTag}'` },
  }
}

/** The process ended when the broker cancelled its consumer: from the mark 'cancelled' on. */
export function diedWithItsQueue(recording: Recording): Shortfall | undefined {
  const [crash] = findings(recording)
  if (!crash || !marked(recording, 'cancelled')) return undefined
  return {
    seen: `The queue was deleted, so the broker cancelled the consumer, and the process ended. ${crash.sentence}`,
    looksLike: /\bnull\b/.test(crash.sentence) ? 'null-not-handled' : undefined,
    show: [frame(recording, 'basic.cancel'), crash],
  }
}

/** The process ended when a handler came to its end too late: from the mark 'the channel was closed' on. */
export function diedWithItsChannel(recording: Recording): Shortfall | undefined {
  const [crash] = findings(recording)
  if (!crash || !marked(recording, 'the channel was closed')) return undefined
  const failed = marked(recording, 'the connection was lost')
  return {
    seen: `The channel was closed while a handler worked. Then the handler ${failed ? 'rejected' : 'resolved'}, and the process ended. ${crash.sentence}`,
    looksLike: /clos(ed|ing)|IllegalOperation/i.test(crash.sentence) ? 'late-ack' : undefined,
    show: [recording.events.findLast((event) => event.kind === 'told' && event.name === 'channel-closed'), crash],
  }
}

import * as v from 'valibot'
import {
  awaited,
  calls,
  closed,
  closedBecause,
  closing,
  contents,
  type Delivery,
  type FrameEvent,
  findings,
  frame,
  frames,
  isBefore,
  marked,
  notReached,
  type Outcome,
  outcomeOf,
  placeIn,
  type RecordedEvent,
  type Recording,
  reached,
  returned,
  type Settlement,
  type Shortfall,
  said,
  settled,
  tasks,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { FAILURE } from '../../lab/student/handlers.ts'
import { ackOfOthers, answeredElsewhere } from './one-for-all.ts'
import { givenBackUnseen } from './redelivered.ts'
import { threwAway } from './thrown-away.ts'

/**
 * What lesson 04 promises, and later lessons promise again. Each says what a recording falls short of, and nothing where it
 * does not. The check that asks explains the misconceptions.
 */

/** One answer of the event loop, or of the broker. */
const MOMENTS_MS = 4000

/** What was expected instead of an ack that came too early. */
export const AFTER_WORK = 'an ack after the handler has finished'

/** A consumer's call resolved with its tag; see consuming() in lab/student/handlers.ts. */
const Started = v.object({ tag: v.nullable(v.string()), type: v.string() })

/** As reached(), but a call of the exercise that rejected says more than what was then awaited; so does a loop. */
export function reachedBy(
  recording: Recording,
  mark: string,
  ...names: [call: string, name: string][]
): Shortfall | undefined {
  const short = reached(recording, mark)
  if (!short) return undefined
  for (const [name, exported] of names) {
    const outcome = calls(recording, name)
      .map((call) => outcomeOf(recording, call))
      .find((outcome) => outcome?.ok === false)
    if (outcome) return rejectedBecause(recording, exported, outcome)
  }
  const why = threwAway(recording) ?? givenBackUnseen(recording)
  return why ? { ...why, notReached: short.notReached } : short
}

/** A call of the exercise rejected: what the broker said when it closed the channel or the connection says more than that. */
function rejectedBecause(recording: Recording, name: string, outcome: Outcome): Shortfall {
  const close = closing(recording)
  const isRefused = close?.from === 'broker' && isBefore(recording, close, outcome.event)
  const what = close?.method === 'connection.close' ? 'connection' : 'channel'
  const isTold = said(outcome).includes(String(close?.fields.replyText))
  const reason =
    isRefused && !isTold
      ? ` The broker had closed the ${what}: ${close.fields.replyCode} ${close.fields.replyText}`
      : ''
  const asked = isRefused ? askedBefore(recording, close) : undefined
  return {
    seen: `${name}() rejected: ${said(outcome)}${reason && !/[.!?]$/.test(said(outcome)) ? '.' : ''}${reason}`,
    show: [asked, isRefused ? close : undefined, outcome.event],
    ...(asked && { wrong: { event: asked, instead: 'a request that the broker accepts' } }),
    notReached: { why: `${name}() had rejected`, scenario: recording.scenario },
  }
}

/** What the service had sent last on the same channel, or on any channel of a connection that was closed. */
function askedBefore(recording: Recording, close: FrameEvent): FrameEvent | undefined {
  return recording.events
    .slice(0, placeIn(recording, close))
    .findLast(
      (event): event is FrameEvent =>
        event.kind === 'frame' &&
        event.from === 'student' &&
        event.connection === close.connection &&
        event.channel > 0 &&
        (close.channel === 0 || event.channel === close.channel),
    )
}

/** The consumer asked for no acknowledgements: the broker counts a task as done when it is sent. */
export function withNoAck(recording: Recording): { event: RecordedEvent | undefined; instead: string } {
  return {
    event: tasks(recording).noAckConsume,
    instead: 'without noAck, so that the broker keeps the task until you acknowledge it',
  }
}

/** What the lab found in the queue when it looked last. */
export function lookOf(recording: Recording): RecordedEvent | undefined {
  return contents(recording).at(-1)?.event
}

/** Which of the tasks were not in the queue when the lab looked last; none where nobody looked. */
export function missing(recording: Recording, wanted: string[]): string[] {
  const look = contents(recording).at(-1)
  return look ? wanted.filter((task) => !look.tasks.includes(task)) : []
}

/** The handler was called with something else than the text of a task. */
export function otherText(recording: Recording, texts: string[]): Shortfall | undefined {
  const { attempts, deliveries } = tasks(recording)
  const wrong = attempts.find(({ type, task }) => type !== 'string' || !texts.includes(task))
  if (!wrong) return undefined
  const delivery = deliveries.find(({ body }) => !attempts.some(({ task }) => task === body)) ?? deliveries[0]
  const isText = wrong.type === 'string'
  return {
    seen: isText
      ? `The task was '${delivery?.body}', but your service called the handler with '${wrong.task}'.`
      : `The handler expects a string, but your service passed it ${wrong.type === 'undefined' ? 'nothing' : `a value of type ${wrong.type}`}.`,
    looksLike: isText
      ? bare(wrong.task) === bare(delivery?.body)
        ? 'changes-the-text'
        : 'wrong-encoding'
      : 'not-text',
    show: [delivery?.frame, wrong.event],
    wrong: {
      event: wrong.event,
      instead: `the handler is called with ${isText ? `'${delivery?.body}'` : 'the text of the task'}`,
    },
  }
}

/** A text without its spaces. */
export function bare(text = ''): string {
  return text.replace(/\s/g, '').normalize()
}

/** It answered for others, or twice, or elsewhere, or its channel is gone, and the lab had closed none. */
export function answeredOtherwise(recording: Recording): Shortfall | undefined {
  return ackOfOthers(recording) ?? answeredElsewhere(recording) ?? answeredTwice(recording) ?? channelGone(recording)
}

/** A delivery was answered a second time. */
function answeredTwice(recording: Recording): Shortfall | undefined {
  const [first, again] = tasks(recording).secondAck ?? []
  if (!first || !again) return undefined
  const isIts = ({ deliveryTag }: Delivery) => deliveryTag === again.deliveryTag
  const task = tasks(recording).covered(first).find(isIts)?.body
  return {
    seen: `Your service ${twice(first, task && `'${task}' (delivery ${again.deliveryTag})`)}.${closedBecause(recording)}`,
    looksLike: answered(first),
    show: [first.frame, again.frame, closing(recording)],
    wrong: { event: again.frame, instead: ONE_ANSWER },
  }
}

function twice({ kind }: Settlement, what = 'a task'): string {
  if (kind === 'ack') return `acknowledged ${what} twice`
  return `${kind === 'nack' ? 'nacked' : 'rejected'} ${what}, and then acknowledged it`
}

const ONE_ANSWER = 'only one ack or nack for each delivery, because the broker closes the channel on a second one'

function answered({ kind }: Settlement): string {
  return kind === 'ack' ? 'acks-twice' : 'acks-what-it-gave-back'
}

function channelGone(recording: Recording): Shortfall | undefined {
  const close = closing(recording)
  return close && { seen: closed(close), show: [close] }
}

/** The call did not resolve with the consumer's tag. */
export function otherTag(recording: Recording, name: string): Shortfall | undefined {
  const given = frame(recording, 'basic.consume-ok')
  const outcome = settled(recording, 'consume')
  if (!given) return fetched(recording) ?? { seen: 'Your service never started a consumer.' }
  if (!outcome) {
    return {
      seen: `The broker accepted the consumer, but ${MOMENTS_MS / 1000} s later ${name}() was still pending.`,
      show: [given, awaited(recording)],
    }
  }
  if (!outcome.ok) return { seen: `${name}() rejected: ${said(outcome)}`, show: [given, outcome.event] }
  const { tag = null, type = 'undefined' } = returned(outcome, Started) ?? {}
  if (tag === given.fields.consumerTag) return undefined
  const what = tag === null ? (type === 'undefined' ? 'nothing' : `a value of type ${type}`) : `'${tag}'`
  return {
    seen: `The broker's consumer tag was '${given.fields.consumerTag}', but ${name}() resolved with ${what}.`,
    looksLike: 'made-up-tag',
    show: [given, outcome.event],
    wrong: { event: outcome.event, instead: 'the call resolves with the consumerTag above' },
  }
}

/** The service asks for each task, and has no consumer. */
function fetched(recording: Recording): Shortfall | undefined {
  const gets = frames(recording, 'basic.get')
  if (gets.length === 0) return undefined
  return {
    seen: `Your service sent basic.get ${times(gets.length, 'time')}, but never sent basic.consume, so it has no consumer, and no consumer tag with which to cancel one.`,
    looksLike: 'fetches',
    show: gets.slice(0, 2),
    wrong: {
      event: gets[0],
      instead: 'basic.consume, so that the broker sends each task, and tells you when the queue is gone',
    },
  }
}

/** The process ended when the broker cancelled its consumer: from the mark 'cancelled' on. */
export function diedWithItsQueue(recording: Recording): Shortfall | undefined {
  if (fetched(recording)) return notReached('there was no consumer that the broker could cancel')
  const [crash] = findings(recording)
  if (!crash || !marked(recording, 'cancelled')) return undefined
  return {
    seen: `The queue was deleted, so the broker cancelled the consumer. ${crash.sentence}`,
    looksLike: /\bnull\b/.test(crash.sentence) ? 'null-not-handled' : undefined,
    show: [frame(recording, 'basic.cancel'), crash],
    wrong: { event: crash, instead: 'the process keeps running' },
  }
}

/** The process ended when a handler came to its end too late: from the mark 'about to close the channel' on. */
export function diedWithItsChannel(recording: Recording): Shortfall | undefined {
  const [crash] = findings(recording)
  if (!crash || !marked(recording, 'about to close the channel')) return undefined
  if (!tasks(recording).finishes.some(({ event }) => isBefore(recording, event, crash))) {
    return {
      seen: `The channel was closed. ${crash.sentence}`,
      looksLike: crash.id === 'exited' ? 'ends-with-its-channel' : undefined,
      show: [frame(recording, 'channel.close', 'broker'), crash],
      wrong: { event: crash, instead: 'the process keeps running, because what to do now is up to the caller' },
    }
  }
  const failed = marked(recording, 'the connection was lost')
  return {
    seen: `The channel was closed while a handler was running, and the handler later ${failed ? 'rejected' : 'resolved'}. ${crash.sentence}`,
    looksLike: /clos(ed|ing)|IllegalOperation/i.test(crash.sentence) ? 'late-ack' : undefined,
    show: [told(recording, 'channel-closed').at(-1), tasks(recording).finishes.at(-1)?.event, crash],
    wrong: { event: crash, instead: 'the process keeps running' },
  }
}

/** The process ended, because a handler failed; `sentence` says so. */
export function crashedBy(
  recording: Recording,
  sentence: string,
  {
    show,
    error = FAILURE,
    looksLike = 'failure-not-caught',
  }: { show: RecordedEvent | undefined; error?: string; looksLike?: string },
): Shortfall | undefined {
  const [crash] = findings(recording)
  if (!crash) return undefined
  const own = `${crash.sentence} ${crash.detail ?? ''}`.includes(error)
  return {
    seen: `${sentence}. ${crash.sentence}`,
    looksLike: crash.id === 'exited' ? 'ends-the-process' : own ? looksLike : undefined,
    show: [show, crash],
    wrong: { event: crash, instead: 'the process keeps running, and the other tasks carry on' },
  }
}

/** The channel was closed, because a handler failed; `sentence` says so. */
export function closedBy(
  recording: Recording,
  sentence: string,
  show: RecordedEvent | undefined,
): Shortfall | undefined {
  const close = closing(recording)
  if (!close) return undefined
  const [first, again] = tasks(recording).secondAck ?? []
  const thrown = close.from === 'student' && close.fields.replyCode === 541
  return {
    seen: `${sentence}. ${closed(close)}`,
    looksLike: first
      ? answered(first)
      : thrown
        ? 'throw-not-caught'
        : close.from === 'student'
          ? 'closes-channel'
          : undefined,
    show: [show, first?.frame, again?.frame, close],
    wrong: again ? { event: again.frame, instead: ONE_ANSWER } : { event: close, instead: 'the channel stays open' },
  }
}

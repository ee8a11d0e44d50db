import {
  awaited,
  connections,
  findings,
  frames,
  isOpenAt,
  markOf,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  said,
  since,
  told,
  waits,
} from '../../lab/check/evidence.ts'
import { nth } from '../../lab/recording/ask.ts'
import { isSign } from './looks.ts'
import { LONGER_DELAY_MS } from './scenarios.ts'

/** What comes after an attempt that failed. */

const NOT_YET = `not before ${LONGER_DELAY_MS} ms have passed`
/** Timers and the network are not exact. */
const TOO_SHORT_MS = 0.9 * LONGER_DELAY_MS

/** Its very first set-up failed, and there was no other, or ready rejected. */
export function givesUpAtFirst(recording: Recording): Shortfall | undefined {
  const [broken] = connections(recording)
  const [ready] = told(recording, 'ready')
  if (broken?.end?.by !== 'lab' || ready?.data.ok) return undefined
  const seen = 'The lab broke your first connection while the service was declaring its queue'
  const looksLike = 'gives-up'
  const show = [broken.accepted, broken.end.event]
  const [end] = findings(recording)
  if (end) return { seen: `${seen}, and your process ended. ${end.sentence}`, looksLike, show: [...show, end] }
  if (ready) return { seen: `${seen}, and ready rejected: ${said(ready.data)}`, looksLike, show: [...show, ready] }
  const inVain = awaited(recording)
  if (!inVain) return reached(recording, 'at work')
  return { seen: `${seen}, and it never became ready.`, looksLike, show: [...show, inVain] }
}

/** An attempt came too soon after one that the lab broke. */
export function hammers(recording: Recording): Shortfall | undefined {
  const loss = markOf(recording, 'lost 1')
  const lost = loss && connections(recording).find((each) => isOpenAt(each, loss.ms))
  const opened = new Set(frames(recording, 'channel.open').map(({ connection }) => connection))
  const short = waits(recording)
    // The end of what was at work is no attempt that failed, but the loss.
    .filter(({ ms, failure }) => failure.event.connection !== lost?.connection && ms < TOO_SHORT_MS)
    .map((wait) => ({ ...wait, inSetUp: opened.has(wait.failure.event.connection) }))
  // Whoever never waits shows it after both kinds of failure.
  const worst = short.find(({ inSetUp }) => !inSetUp) ?? short[0]
  if (!worst) return undefined
  const { ms, inSetUp, failure, next } = worst
  return {
    seen: `retryDelayMs was ${LONGER_DELAY_MS}. The lab made an attempt fail ${inSetUp ? 'during set-up' : 'right at the start'}, and the next one started only ${ms.toFixed(1)} ms later.`,
    looksLike: inSetUp ? 'set-up-is-no-attempt' : 'no-wait',
    show: [loss, failure.event, next.accepted],
    wrong: { event: next.accepted, instead: NOT_YET },
  }
}

/** The broker refused its queue, and it tried again too soon. */
export function hammersWhenRefused(recording: Recording): Shortfall | undefined {
  for (const refusal of refusals(recording)) {
    const next = since(recording, refusal).events.find((event) => isSign(event) || isDeclaration(event))
    if (!next || next.ms - refusal.ms >= TOO_SHORT_MS) continue
    return {
      seen: `retryDelayMs was ${LONGER_DELAY_MS}. The broker refused the queue (${refusal.fields.replyText}), and your service tried again ${(next.ms - refusal.ms).toFixed(1)} ms later.`,
      looksLike: 'set-up-is-no-attempt',
      show: [refusal, next],
      wrong: { event: next, instead: NOT_YET },
    }
  }
  return undefined
}

/** The broker refused its queue, and that was the end of it. */
export function givesUpWhenRefused(recording: Recording): Shortfall | undefined {
  const all = refusals(recording)
  const last = all.at(-1)
  const [end] = findings(recording)
  if (!last || markOf(recording, 'consumes again 1')) return reached(recording, 'consumes again 1')
  const seen = `The broker refused the queue, because one with different properties existed. After the ${all.length === 1 ? 'first' : nth(all.length)} refusal`
  const show = [...all.slice(0, 2), last]
  if (end) return { seen: `${seen} your process ended. ${end.sentence}`, looksLike: 'dies-of-it', show: [...show, end] }
  const inVain = awaited(recording)
  if (!inVain) return reached(recording, 'consumes again 1')
  const tried = since(recording, last).events.find(isSign)
  const waited = Math.round((inVain.ms - last.ms) / 1000)
  return {
    seen: `${seen} your service ${tried ? 'tried, but never declared the queue again' : `did not try again: the lab waited ${waited} s`}.`,
    looksLike: 'refusal-is-final',
    show: [...show, tried, inVain],
  }
}

/** The broker's refusals to declare its queue, once it is another one. */
function refusals(recording: Recording) {
  return frames(since(recording, markOf(recording, 'its queue is another one')), 'channel.close').filter(
    ({ from, fields }) => from === 'broker' && fields.replyCode === 406,
  )
}

function isDeclaration(event: RecordedEvent): boolean {
  return event.kind === 'frame' && event.from === 'student' && event.method === 'queue.declare'
}

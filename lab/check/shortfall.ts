import { by, closing, findings, marked, processes, said, told } from '../recording/ask.ts'
import type { FrameEvent, RecordedEvent, Recording } from '../recording/recording.ts'

/** What an expectation says when a recording falls short of it. */
export interface Shortfall {
  /** One or two sentences: what was seen, in the student's words. */
  seen: string
  /** The ID of the misconception that the evidence shows; left out where it shows none. */
  looksLike?: string | undefined
  /** The few events that show it, in any order. Without them: what was awaited in vain, and what came instead. */
  show?: (RecordedEvent | undefined)[] | undefined
  /** The event among them that shows the mistake, and what should have come in its place. By default the last one. */
  wrong?: { event: RecordedEvent | undefined; instead: string } | undefined
  /** The same in short, where the last of the events shown is the wrong one: what should have come in its place. */
  instead?: string | undefined
  /**
   * What the expectation is about never came to pass, and why, in a few words that follow 'not reached:'. Where another
   * expectation tells what went wrong, this one is 'not-reached'; where none does, it has failed, and says what was seen.
   */
  notReached?: NotReached | undefined
}

export interface NotReached {
  why: string
  /** The scenario that shows it; undefined where it may be another one. */
  scenario?: string
}

/** Reads recordings and says what is missing; undefined when nothing is. It never waits and never asks a broker. */
export type Judge = (...recordings: Recording[]) => Shortfall | undefined

/** The first recording that falls short. */
export function each(judge: (recording: Recording) => Shortfall | undefined): Judge {
  return (...recordings) => first(recordings, judge)
}

/** That the scenario, of several the first, came to `mark`. */
export function comesTo(mark: string): (recording: Recording, ...others: Recording[]) => Shortfall | undefined {
  return (recording) => reached(recording, mark)
}

/** What the first of these comes to that comes to anything. */
export function first<Each, Found>(some: Each[], find: (one: Each) => Found | undefined): Found | undefined {
  for (const one of some) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}

/** A shortfall when the scenario never came to `mark`: what it waited for, and what came instead. */
export function reached(recording: Recording, mark: string): Shortfall | undefined {
  if (marked(recording, mark)) return undefined
  const finding = findings(recording)[0]
  const { scenario } = recording
  if (finding) {
    return { seen: sentenceOf(finding), show: [finding], notReached: { why: 'your process had ended', scenario } }
  }
  const awaited = recording.events.findLast((event) => event.kind === 'awaited')
  if (!awaited) return endedBefore(recording)
  const instead = awaited.instead.length > 0 ? ` Last seen: ${awaited.instead.join('; ')}.` : ''
  const waited =
    awaited.limitMs > 0
      ? `The lab waited for ${awaited.what}, and gave up after ${((awaited.waitedMs ?? awaited.limitMs) / 1000).toFixed(1).replace(/\.0$/, '')} s.`
      : `Your process ended while the lab was waiting for ${awaited.what}.`
  return { seen: `${waited}${instead}`, notReached: { why: `the lab waited in vain for ${awaited.what}`, scenario } }
}

/** The scenario ended before its time, and nothing was awaited in vain: what ended it, where the recording tells. */
function endedBefore(recording: Recording): Shortfall {
  const { scenario } = recording
  const notReached = { why: `the scenario '${scenario}' ended before that`, scenario }
  const rejected = told(recording, 'settled').findLast(({ data }) => !data.ok)
  const close = closing(recording)
  const [exited] = processes(recording, 'exited')
  const early = `so the scenario '${scenario}' ended early`
  if (exited) return { seen: `Your process ended, ${early}.`, show: [exited], notReached }
  if (close) {
    const { replyText } = close.fields
    return { seen: `${by(close)} closed the ${what(close)} (${replyText}), ${early}.`, show: [close], notReached }
  }
  if (rejected) return { seen: `A call rejected, ${early}: ${said(rejected.data)}`, show: [rejected], notReached }
  return { seen: `The scenario '${scenario}' ended early: your service didn't do what comes next in it.`, notReached }
}

function what({ method }: FrameEvent): string {
  return method === 'connection.close' ? 'connection' : 'channel'
}

/**
 * What the expectation is about never came to pass, and another expectation tells why: instead of a tick. The scenario may
 * have come to its end all the same.
 *
 * @param why in a few words that follow 'not reached:': 'no task was tried again'
 */
export function notReached(why: string): Shortfall {
  return { seen: `This was not reached: ${why}.`, notReached: { why } }
}

/** A finding, with its evidence. */
export function sentenceOf(finding: { sentence: string; detail?: string }): string {
  return finding.detail === undefined ? finding.sentence : `${finding.sentence}\n${finding.detail}`
}

import { findings } from '../recording/ask.ts'
import type { RecordedEvent, Recording } from '../recording/recording.ts'

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
  if (recording.events.some((event) => event.kind === 'mark' && event.name === mark)) return undefined
  const finding = findings(recording)[0]
  if (finding) return { seen: sentenceOf(finding), show: [finding] }
  const awaited = recording.events.findLast((event) => event.kind === 'awaited')
  if (!awaited) return { seen: `The scenario '${recording.scenario}' did not come as far as '${mark}'.` }
  const instead = awaited.instead.length > 0 ? ` Last seen: ${awaited.instead.join('; ')}.` : ''
  const waited =
    awaited.limitMs > 0
      ? `The lab waited ${((awaited.waitedMs ?? awaited.limitMs) / 1000).toFixed(1).replace(/\.0$/, '')} s for ${awaited.what}, but it never came.`
      : `Your process ended before the lab saw ${awaited.what}.`
  return { seen: `${waited}${instead}` }
}

/** A finding, with its evidence. */
export function sentenceOf(finding: { sentence: string; detail?: string }): string {
  return finding.detail === undefined ? finding.sentence : `${finding.sentence}\n${finding.detail}`
}

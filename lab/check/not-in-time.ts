import { describe } from '../recording/describe.ts'
import type { CutOffEvent, RecordedEvent, Recording } from '../recording/recording.ts'
import { traceRows } from '../report/trace.ts'
import type { ExpectationMeta } from './config.ts'
import type { Shortfall } from './shortfall.ts'

const LAST_EVENTS = 7
/** No scenario waits longer for a single thing. */
const LONGEST_WAIT_MS = 30_000

/**
 * Why it can't be said whether an expectation is met: a scenario that it reads was cut off. Undefined where none was, or
 * where what is there by then decides it.
 */
export function notInTime(
  recordings: Recording[],
  shortfall: Shortfall | undefined,
): Pick<ExpectationMeta, 'message' | 'cutOff' | 'trace'> | undefined {
  const late = recordings.filter((recording) => cutOff(recording) !== undefined)
  const [first] = late
  if (first === undefined || (shortfall && isDecided(shortfall, late))) return undefined
  const names = late.map(({ scenario }) => scenario)
  const which = `the ${names.length === 1 ? 'scenario' : 'scenarios'} ${names.map((name) => `'${name}'`).join(' and ')}`
  return {
    message: `Not judged in time: the lab cut off ${which} after ${limitOf(first)}, the limit for a whole check. Your code may be right but slow, or it may be waiting for something that never happens. This is how far it got.`,
    cutOff: names,
    trace: traceRows(lastOf(first)),
  }
}

function cutOff({ events }: Recording): CutOffEvent | undefined {
  const last = events.at(-1)
  return last?.kind === 'cut-off' ? last : undefined
}

/**
 * What has not happened by then proves nothing, unless the lab had waited for it for as long as it ever does. So the event
 * that decides it must be an end of the process or of a wait, or old enough; or the check itself says that it is wrong.
 */
function isDecided({ show = [], wrong }: Shortfall, late: Recording[]): boolean {
  const shown = show.filter((event) => event !== undefined)
  const decides = wrong?.event ?? shown.toSorted((one, other) => one.ms - other.ms).at(-1)
  if (decides === undefined) return false
  if (decides.kind === 'finding' || decides.kind === 'awaited') return true
  if (wrong?.event?.kind === 'frame' && wrong.event.from === 'student') return true
  return late.every((recording) => !isOf(decides, recording) || isOld(decides, recording))
}

/** Some events are shown shortened, as copies. */
function isOf({ kind, ms }: RecordedEvent, { events }: Recording): boolean {
  return events.some((event) => event.kind === kind && event.ms === ms)
}

function isOld({ ms }: RecordedEvent, recording: Recording): boolean {
  const end = cutOff(recording)
  if (end === undefined) return true
  // On a busy machine everything takes longer, the lab's own waits too.
  const slowness = Math.max(1, end.ms / end.limitMs)
  return end.ms - ms > LONGEST_WAIT_MS * slowness
}

function lastOf({ events }: Recording): RecordedEvent[] {
  return events.filter((event) => describe(event) !== '').slice(-LAST_EVENTS)
}

/** 'two minutes'; on a busy machine they were longer by the clock. */
function limitOf(recording: Recording): string {
  const { ms = 0, limitMs = 0 } = cutOff(recording) ?? {}
  const words = { 120000: 'two minutes', 240000: 'four minutes' }[limitMs] ?? `${limitMs / 1000} s`
  return ms > 1.5 * limitMs ? `${words} (longer by the clock, because this machine is busy)` : words
}

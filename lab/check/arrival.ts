import { setTimeout as sleep } from 'node:timers/promises'
import { describe } from '../recording/describe.ts'
import { Patience } from '../recording/patience.ts'
import { NeverCame, type Recorder } from '../recording/recorder.ts'
import type { RecordedEvent } from '../recording/recording.ts'
import { StudentGone } from '../student/gone.ts'
import type { Student } from '../student/student.ts'
import type { Observer } from './observer.ts'

/** One answer of the event loop, or of the broker. */
export const MOMENTS_MS = 4000
/** Also where something goes on all the time: a hot loop of redeliveries never falls silent. */
const LONGEST_MS = 30_000
const LOOK_EVERY_MS = 100

export interface ArrivalOptions {
  /** Whose end makes waiting senseless: of this process, and of this channel of it. */
  service: Student
  channel?: string
  /** How long nothing may happen, in milliseconds. */
  limitMs?: number
  /** Frames of which methods can make a difference. Looking through the recording takes time, and a hot loop fills it. */
  methods?: string[]
}

/**
 * Waits for what only a living process with an open channel can bring. A busy machine can't use up its patience: it ends
 * when no frame but heartbeats has come for a while, although the process and the broker both answer.
 *
 * @throws NeverCame, StudentGone
 */
export async function arrival(
  { recorder, observer }: { recorder: Recorder; observer: Observer },
  what: string,
  isThere: () => boolean,
  { service, channel, limitMs = MOMENTS_MS, methods = ['basic.ack'] }: ArrivalOptions,
): Promise<void> {
  if (isThere()) return
  const isEnd = (event: RecordedEvent) => {
    if (!('student' in event) || event.student !== service.number) return false
    if (event.kind === 'process') return event.what === 'exited'
    if (event.kind !== 'told' || channel === undefined) return false
    if (event.name === 'channel-closed') return event.data.channel === channel
    return event.name === 'settled' && !event.data.ok && calledOn(event.data.id) === channel
  }
  /** The channel that the driver was told to call on. */
  const calledOn = (id: number): unknown => {
    const isCall = (event: RecordedEvent) =>
      event.kind === 'called' && event.student === service.number && event.id === id
    const call = recorder.events.find(isCall)
    return call?.kind === 'called' ? call.args.channel : undefined
  }
  const matters = (event: RecordedEvent) =>
    event.kind === 'told' || (event.kind === 'frame' && methods.includes(event.method))
  const silence = new AbortController()
  const patience = new AbortController()
  const ends = (event: RecordedEvent) => (matters(event) && isThere()) || isEnd(event)
  const comes = recorder
    .waitFor(what, ends, { limitMs: LONGEST_MS, signal: silence.signal })
    .finally(() => patience.abort())
  await Promise.all([comes, fallsSilent(limitMs, patience.signal).then(giveUp)])
  if (!isThere()) throw new StudentGone(`the process or its channel ended before ${what}`)

  function giveUp(silent: boolean): void {
    if (!silent || isThere()) return
    recorder.note({ kind: 'awaited', what, limitMs, instead: recorder.events.slice(-4).map(describe) })
    silence.abort(new NeverCame(what, limitMs))
  }

  /** Resolves with true when no frame has come for so long, and the process and the broker would have had time for one. */
  async function fallsSilent(limitMs: number, signal: AbortSignal): Promise<boolean> {
    let patience = new Patience(limitMs)
    const stop = recorder.listen((event) => {
      // A heartbeat tells only that the connection is there: on a busy machine one always comes before patience is over.
      if (event.kind === 'frame' && event.method !== 'heartbeat') patience = new Patience(limitMs)
    })
    try {
      while (!signal.aborted) {
        await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
        const last = patience
        if (!last.isOver) continue
        await Promise.all([service.ping(), observer.queue('tasks')])
        await service.ping()
        if (patience === last) return !signal.aborted
      }
      return false
    } finally {
      stop()
    }
  }
}

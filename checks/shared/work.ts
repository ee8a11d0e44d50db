import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedEvent, Stage } from '../../lab/check/evidence.ts'
import { describe } from '../../lab/recording/describe.ts'
import { Patience } from '../../lab/recording/patience.ts'
import { NeverCame } from '../../lab/recording/recorder.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import { type Begun, begun, finishes, isTold } from './tasks.ts'

/** What the scenarios of consumers do: wait for handlers, end them, end the process, look into the queue. */

/** One answer of the event loop, or of the broker. */
export const MOMENTS_MS = 4000
/** Also where something goes on all the time: a hot loop of redeliveries never falls silent. */
const LONGEST_MS = 30_000
const LOOK_EVERY_MS = 100

export interface ArrivalOptions {
  /** Whose end makes waiting senseless: of this process, and of this channel of it. */
  service: Student
  channel: string
  /** How long nothing may happen. */
  limitMs?: number
  /** Frames of which methods can make a difference. Looking through the recording takes time, and a hot loop fills it. */
  methods?: string[]
}

/**
 * Waits for what only a living process with an open channel can bring. A busy machine can't use up its patience: it ends
 * when no frame has come for a while, although the process and the broker both answer.
 *
 * @throws NeverCame, StudentGone
 */
export async function arrival(
  stage: Stage,
  what: string,
  isThere: () => boolean,
  { service, channel, limitMs = MOMENTS_MS, methods = ['basic.ack'] }: ArrivalOptions,
): Promise<void> {
  if (isThere()) return
  const { recorder } = stage
  const isEnd = (event: RecordedEvent) => {
    if (!('student' in event) || event.student !== service.number) return false
    if (event.kind === 'process') return event.what === 'exited'
    return (isTold(event, 'channel-closed') || isTold(event, 'rejected')) && dataOf(event).channel === channel
  }
  const matters = (event: RecordedEvent) =>
    event.kind === 'told' || (event.kind === 'frame' && methods.includes(event.method))
  const silence = new AbortController()
  const patience = new AbortController()
  const ends = (event: RecordedEvent) => (matters(event) && isThere()) || isEnd(event)
  const comes = recorder
    .waitFor(what, ends, { limitMs: LONGEST_MS, signal: silence.signal })
    .finally(() => patience.abort())
  await Promise.all([comes, fallsSilent(stage, service, limitMs, patience.signal).then(giveUp)])
  if (!isThere()) throw new StudentGone(`the process or its channel ended before ${what}`)

  function giveUp(silent: boolean): void {
    if (!silent || isThere()) return
    recorder.note({ kind: 'awaited', what, limitMs, instead: recorder.events.slice(-4).map(describe) })
    silence.abort(new NeverCame(what, limitMs))
  }
}

/** Resolves with true when no frame has come for so long, and the process and the broker would have had time for one. */
async function fallsSilent(stage: Stage, service: Student, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const { recorder } = stage
  let patience = new Patience(limitMs)
  const stop = recorder.listen((event) => {
    if (event.kind === 'frame') patience = new Patience(limitMs)
  })
  try {
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
      const last = patience
      if (!last.isOver) continue
      await Promise.all([service.ping(), stage.observer.queue('tasks')])
      await service.ping()
      if (patience === last) return !signal.aborted
    }
    return false
  } finally {
    stop()
  }
}

/** Waits until `count` handlers of the process have begun. @throws NeverCame, StudentGone */
export function beginning(stage: Stage, count: number, options: ArrivalOptions & { queue?: string }): Promise<void> {
  const what = count === 1 ? 'the handler to be called' : `the handler to be called for the ${nth(count)} time`
  const own = (one: Begun) =>
    one.student === options.service.number && (options.queue === undefined || one.queue === options.queue)
  return arrival(stage, what, () => begun(stage.recorder).filter(own).length >= count, options)
}

/** Handlers that have begun and that the lab has not told to end, in the order in which they began. */
export function inHand({ recorder }: Stage, service: Student): Begun[] {
  const told = new Set(finishes(recorder).map(({ student, call }) => `${student}/${call}`))
  return begun(recorder).filter(
    ({ student, call, deed }) => student === service.number && deed === 'hold' && !told.has(`${student}/${call}`),
  )
}

export function finish(
  service: Student,
  { call, task }: Pick<Begun, 'call' | 'task'>,
  how: 'resolve' | 'reject',
): void {
  service.tell('finish', { call, task, how })
}

/** All that the exercise has sent is at the broker, and seen by the wire. */
export async function roundTrip(service: Student, channel: string): Promise<void> {
  await service.ask('roundTrip', { channel })
}

/** Two answers: what the lab had told before has reached the process and had its effect, and it is still there. */
export async function lives(service: Student): Promise<void> {
  for (let i = 0; i < 2; i++) if ((await service.ping()) === undefined) throw new StudentGone('the process ended')
}

/** Ends the process as `kill -9` does, and waits until the broker has taken back what it held. */
export async function killAndWait(stage: Stage, service: Student, queue: string): Promise<void> {
  await service.kill()
  const patience = new Patience(LONGEST_MS)
  // The broker forgets the consumer and takes its tasks back in one go.
  while ((await stage.observer.queue(queue)).consumers > 0 && !patience.isOver) await sleep(10)
}

/** Ends the process as `kill -9` does, and notes what is in the queue then. */
export async function killAndLook(stage: Stage, service: Student, queue: string): Promise<void> {
  await killAndWait(stage, service, queue)
  await stage.observer.drain(queue)
  stage.mark('looked into the queue')
}

/** What never came is in the recording; the scenario goes on. */
export function goOn(error: unknown): void {
  if (!(error instanceof NeverCame)) throw error
}

export function nth(count: number): string {
  return count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`
}

function dataOf(event: RecordedEvent): Record<string, unknown> {
  return 'data' in event && typeof event.data === 'object' && event.data !== null
    ? (event.data as Record<string, unknown>)
    : {}
}

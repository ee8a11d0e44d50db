import type { RecordedEvent, Recording } from '../recording/recording.ts'
import type { Student } from '../student/student.ts'

/**
 * Handlers that wait until the lab lets them go: the driver tells 'began' with the handler's call, a number, and its
 * task; the lab asks it to 'finish' some of these calls, which then end in one go. See lab/student/handler.ts.
 */
type Events = Pick<Recording, 'events'>

export interface Begun {
  call: number
  task: string
  event: RecordedEvent
}

export interface Finish {
  how: 'resolve' | 'reject'
  calls: number[]
  tasks: string[]
  event: RecordedEvent
}

/** Every call of a handler, in the order in which they began. */
export function begun({ events }: Events): Begun[] {
  return events.flatMap((event) =>
    event.kind === 'told' && event.name === 'began'
      ? [{ ...(event.data as { call: number; task: string }), event }]
      : [],
  )
}

/** Which handlers the lab has told to end, and how, in order. */
export function finishes(recording: Events): Finish[] {
  const all = begun(recording)
  return recording.events.flatMap((event) => {
    if (event.kind !== 'asked' || event.name !== 'finish') return []
    const { calls, how } = event.data as Pick<Finish, 'calls' | 'how'>
    return [{ how, calls, tasks: all.filter(({ call }) => calls.includes(call)).map(({ task }) => task), event }]
  })
}

/** Those that have begun and that the lab has not told to end. */
export function inHand(recording: Events): Begun[] {
  const told = new Set(finishes(recording).flatMap(({ calls }) => calls))
  return begun(recording).filter(({ call }) => !told.has(call))
}

/** Tells handlers to end, all of them in one go. */
export function finish(service: Student, how: Finish['how'], which: Begun[]): void {
  if (which.length > 0) service.tell('finish', { calls: which.map(({ call }) => call), how })
}

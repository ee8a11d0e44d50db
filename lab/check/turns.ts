import { setTimeout as sleep } from 'node:timers/promises'
import { StudentGone } from '../student/gone.ts'
import type { Student } from '../student/student.ts'
import type { Stage } from './stage.ts'

const TURN_MS = 10

/**
 * Patience that a busy machine can't use up. It is counted in turns: one is over when 10 ms have passed and the
 * student's process has answered. While either of the two processes stands still, no turn passes.
 *
 * @returns whether `done` came true within so many turns
 * @throws StudentGone when the process ends first
 */
export async function inTurns(student: Student, turns: number, done = () => false): Promise<boolean> {
  for (let turn = 0; turn < turns && !done(); turn++) {
    await sleep(TURN_MS)
    await student.ping()
    if (student.exited && !done()) throw new StudentGone('the process ended while the lab was waiting in turns')
  }
  return done()
}

/** Whether a call of the driver's has resolved or rejected by now. */
export function hasSettled({ recorder }: Stage, call: number): boolean {
  return recorder.events.some((event) => event.kind === 'told' && event.name === 'settled' && event.data.id === call)
}

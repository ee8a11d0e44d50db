import { StudentGone } from './gone.ts'
import type { Student } from './student.ts'
import { unless } from './unless.ts'

/**
 * Waits for something that makes no sense any more once the process has ended: `wait` gets a signal that ends it then.
 * @throws StudentGone when the process ends first
 */
export function whileRunning<T>(service: Student, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ends = (signal: AbortSignal) => service.ends({ signal, limitMs: 600_000 })
  return unless(ends, wait, () => new StudentGone('the process ended first'))
}

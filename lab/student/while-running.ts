import { type Student, StudentGone } from './student.ts'

/**
 * Waits for something that makes no sense any more once the process has ended: `wait` gets a signal that ends it then.
 * @throws StudentGone when the process ends first
 */
export async function whileRunning<T>(service: Student, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController()
  const ended = service.ends({ signal: ending.signal, limitMs: 600_000 })
  const over = ended.then(() => Promise.reject(new StudentGone('the process ended first')))
  try {
    return await Promise.race([wait(ending.signal), over])
  } finally {
    over.catch(() => {})
    ending.abort(new StudentGone('not awaited any more'))
  }
}

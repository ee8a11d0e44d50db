import type { Asked } from '../../lab/recording/words/asked.ts'
import type { Line } from '../../lab/student/drive.ts'

/** What the drivers of calls that connect with retries share, in lesson 02 and later. */

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

export interface RetryArgs {
  /** The lab aborts the call by telling 'abort' with the same name. */
  name?: string
  options: RetryOptions
  /** The signal is aborted before the call, or by onRetry. */
  aborted?: boolean | 'in onRetry'
}

/** Has the exercise connect with a signal that the lab can abort, and with an onRetry that tells the lab. */
export async function connecting<Connection>(
  line: Line,
  { name = 'first', options, aborted }: RetryArgs,
  connect: (options: RetryOptions) => Promise<Connection>,
): Promise<Connection> {
  const controller = new AbortController()
  const reason = new Error(`the lab aborted '${name}'`)
  const abort = () => {
    line.tell('aborted', { name })
    controller.abort(reason)
  }
  line.heard('abort', (which: Asked['abort']) => {
    if (which.name === name) abort()
  })
  if (aborted === true) controller.abort(reason)
  const onRetry = (error: Error, attempt: number) => {
    line.tell('retry', { name, attempt, isError: error instanceof Error, message: String(error?.message) })
    if (aborted === 'in onRetry' && !controller.signal.aborted) abort()
  }
  try {
    return await connect({ ...options, signal: controller.signal, onRetry })
  } catch (error) {
    if (error === reason) throw Object.assign(new Error('rejected with signal.reason'), { code: 'SIGNAL_REASON' })
    throw error
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

/** amqplib's own socket option `timeout` bounds the handshake; fixed waits. */
export async function connectWithRetry(
  url: string,
  { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal, onRetry }: RetryOptions,
): Promise<ChannelModel> {
  signal?.throwIfAborted()
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
  stopped.catch(() => undefined)
  const onAbort = () => stop(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  try {
    for (let failures = 0; ; ) {
      const pending = connect(url, { timeout: timeoutMs, noDelay: true })
      try {
        const connection = await Promise.race([pending, stopped])
        connection.on('error', (error) => console.warn(error))
        return connection
      } catch (error) {
        if (signal?.aborted) {
          pending.then(
            (late) => late.on('error', () => {}).close(),
            () => {},
          )
          throw signal.reason
        }
        const text = String(error)
        if (text.includes('ACCESS_REFUSED') || text.includes('ConnectionClose')) throw error
        failures += 1
        onRetry?.(error as Error, failures)
      }
      await Promise.race([sleep(Math.min(delayMs, maxDelayMs)), stopped])
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

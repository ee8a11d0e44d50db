import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

/** The socket is left alone: whatever comes of it after the race is closed. */
export async function connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel> {
  const { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal = new AbortController().signal, onRetry } = options
  signal.throwIfAborted()
  const settled = new AbortController()
  const aborted = once(signal, 'abort', { signal: settled.signal }).then(() => Promise.reject(signal.reason))
  aborted.catch(() => {})
  let delay = delayMs
  let attempt = 1
  try {
    while (true) {
      try {
        return await oneAttempt(url, timeoutMs, aborted)
      } catch (error) {
        if (signal.aborted || isRefused(error)) throw error
        onRetry?.(error as Error, attempt++)
      }
      await Promise.race([wait(Math.min(delay, maxDelayMs)), aborted])
      delay = Math.min(delay * 1.5, maxDelayMs)
    }
  } finally {
    settled.abort()
  }
}

async function oneAttempt(url: string, timeoutMs: number, aborted: Promise<never>): Promise<ChannelModel> {
  const connecting = connect(url).then((connection) => {
    connection.on('error', () => {})
    return connection
  })
  const clock = new AbortController()
  const late = wait(timeoutMs, undefined, { signal: clock.signal }).then(() => {
    throw new Error('RabbitMQ did not answer')
  })
  late.catch(() => {})
  try {
    return await Promise.race([connecting, late, aborted])
  } catch (error) {
    connecting.then((connection) => connection.close()).catch(() => {})
    throw error
  } finally {
    clock.abort()
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && /403|530|ConnectionOpenOk/.test(error.message)
}

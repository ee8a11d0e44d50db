import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

/** The waits as a sequence: full jitter over a growing range, with delayMs as its floor. */
function* waits(delayMs: number, maxDelayMs: number): Generator<number, never> {
  for (let ceiling = delayMs; ; ceiling = Math.min(maxDelayMs, ceiling * 3)) {
    yield Math.min(maxDelayMs, Math.max(delayMs, Math.random() * ceiling))
  }
}

/** The attempts as a stream: each error in turn, then the connection. */
async function* attempts(url: string, options: RetryOptions): AsyncGenerator<ChannelModel | Error, void> {
  const { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal } = options
  for (const ms of waits(delayMs, maxDelayMs)) {
    if (signal?.aborted) return
    yield await attempt(url, timeoutMs, signal)
    await sleep(ms, undefined, { signal }).catch(() => {})
  }
}

async function attempt(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ChannelModel | Error> {
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), signal].filter((each) => each !== undefined))
  const socket = new AbortController()
  const drop = () => socket.abort(limit.reason)
  limit.addEventListener('abort', drop)
  try {
    return await connect(url, { signal: socket.signal } as object)
  } catch (error) {
    return error as Error
  } finally {
    limit.removeEventListener('abort', drop)
  }
}

export async function connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel> {
  let failures = 0
  for await (const result of attempts(url, options)) {
    if (!(result instanceof Error)) {
      result.on('error', () => {})
      return result
    }
    if (options.signal?.aborted) break
    if (/^Handshake terminated by server: 403|^Expected ConnectionOpenOk/.test(result.message)) throw result
    options.onRetry?.(result, ++failures)
  }
  throw options.signal?.reason
}

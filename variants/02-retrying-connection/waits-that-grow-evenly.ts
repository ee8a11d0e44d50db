import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

/** What happens to the connections; whoever wants to know listens. */
export const news = new EventEmitter()

/** Each wait is a little longer than the one before, and up to a tenth of it is left to chance. */
function* waits(delayMs: number, maxDelayMs: number): Generator<number, never> {
  for (let step = 0; ; step++) {
    const grown = delayMs * (1 + step / 20)
    yield Math.min(maxDelayMs, grown + (Math.random() * grown) / 10)
  }
}

export async function connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel> {
  const { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal, onRetry } = options
  let attempt = 0
  for (const wait of waits(delayMs, maxDelayMs)) {
    signal?.throwIfAborted()
    const failure = await tryOnce(url, timeoutMs, signal).catch((error: Error) => error)
    if (!(failure instanceof Error)) return failure
    signal?.throwIfAborted()
    if (isFinal(failure)) throw failure
    attempt += 1
    onRetry?.(failure, attempt)
    await sleep(wait, undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
  throw new Error('unreachable')
}

async function tryOnce(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ChannelModel> {
  const attempt = new AbortController()
  const timer = setTimeout(() => attempt.abort(new Error(`timed out after ${timeoutMs} ms`)), timeoutMs)
  const stop = () => attempt.abort(signal?.reason)
  signal?.addEventListener('abort', stop)
  try {
    const connection = await connect(url, { signal: attempt.signal } as object)
    connection.on('error', (error: Error) => news.emit('lost', error))
    // Told, and no more: to connect again is the caller's business.
    connection.on('close', () => news.emit('closed'))
    return connection
  } catch (error) {
    throw attempt.signal.aborted ? attempt.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

function isFinal({ message }: Error): boolean {
  if (message.includes('got <ConnectionClose')) return true
  return message.startsWith('Handshake terminated by server:') && !message.includes(': 320 ')
}

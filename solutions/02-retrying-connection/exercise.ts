import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

/**
 * Connects, trying again until the broker answers.
 *
 * The wait doubles from `delayMs` up to `maxDelayMs`, with some jitter, so that a hundred services that lost the same
 * broker don't all come back in the same millisecond.
 *
 * @throws the broker's own error if it refuses the credentials or the virtual host; `signal.reason` after an abort
 */
export async function connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel> {
  const { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal, onRetry } = options
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await attemptToConnect(url, timeoutMs, signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (isRefusal(error)) throw error
      onRetry?.(error as Error, attempt)
    }
    const longest = Math.min(maxDelayMs, delayMs * 2 ** (attempt - 1))
    const wait = delayMs + Math.random() * Math.max(0, longest - delayMs)
    await sleep(Math.min(wait, maxDelayMs), undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}

/** Makes one attempt. A failed one leaves no socket behind: net.connect destroys the socket when its signal is aborted. */
async function attemptToConnect(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ChannelModel> {
  const attempt = new AbortController()
  const giveUp = () => attempt.abort(signal?.reason)
  const timer = setTimeout(() => attempt.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    const connection = await connect(url, droppable(attempt.signal))
    connection.on('error', (error: Error) => console.error(`RabbitMQ connection lost: ${error.message}`))
    return connection
  } catch (error) {
    throw attempt.signal.aborted ? attempt.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}

/**
 * amqplib passes its socket options to net.connect. One of them is a signal that destroys the socket when it's aborted.
 * amqplib's types don't list it.
 */
function droppable(signal: AbortSignal): object {
  return { signal }
}

/** Whether the broker refused the login, so that retrying can't help. Code 320 only means that it's shutting down. */
function isRefusal(error: unknown): boolean {
  const message = String((error as Error)?.message)
  const refusedLogin = /^Handshake terminated by server: (?!320 )/.test(message)
  const refusedVhost = message.startsWith('Expected ConnectionOpenOk; got <ConnectionClose')
  return refusedLogin || refusedVhost
}

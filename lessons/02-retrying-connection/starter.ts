import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  /** Wait at least this long after a failure, in milliseconds, but never longer than maxDelayMs. */
  delayMs: number
  /** Never wait longer than this. Default: 30_000. */
  maxDelayMs?: number
  /** An attempt that takes longer than this has failed. Default: 10_000. */
  timeoutMs?: number
  /** Stop trying when this is aborted, and reject with signal.reason. */
  signal?: AbortSignal
  /** Call this after each failed attempt that you are going to retry. `attempt` counts from 1. */
  onRetry?: (error: Error, attempt: number) => void
}

/**
 * Connects to RabbitMQ. So far it tries only once.
 *
 * Rename `_options` to `options` when you use it. The underscore marks it as unused.
 */
export async function connectWithRetry(url: string, _options: RetryOptions): Promise<ChannelModel> {
  return connect(url)
}

/**
 * A helper for step 3, ready to use: `connect(url, droppable(signal))`.
 *
 * Aborting the signal destroys the socket at once, even in the middle of the handshake. This works because amqplib
 * passes its socket options on to Node's net.connect. amqplib's types don't list this one.
 */
export function droppable(signal: AbortSignal): object {
  return { signal }
}

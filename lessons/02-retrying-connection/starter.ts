import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  /** Wait at least this long, in milliseconds, between a failure and the next attempt; never more than maxDelayMs. */
  delayMs: number
  /** Never wait longer than this. Default: 30_000. */
  maxDelayMs?: number
  /** An attempt that takes longer than this has failed. Default: 10_000. */
  timeoutMs?: number
  /** Stop trying when it is aborted: reject with signal.reason. */
  signal?: AbortSignal
  /** Call this after each failed attempt that you will retry. `attempt` counts from 1. */
  onRetry?: (error: Error, attempt: number) => void
}

/**
 * Connects to RabbitMQ. It tries once, and that is all so far.
 *
 * Rename `_options` to `options` when you use it: the underscore says that it is not used yet.
 */
export async function connectWithRetry(url: string, _options: RetryOptions): Promise<ChannelModel> {
  return connect(url)
}

/**
 * A helper for step 3, ready to use: `connect(url, droppable(signal))`.
 *
 * Aborting the signal destroys the socket, at any moment, also in the middle of the handshake. It works because amqplib
 * hands its options for the socket on to Node's net.connect; amqplib's types don't list this one.
 */
export function droppable(signal: AbortSignal): object {
  return { signal }
}

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

/** Connects to RabbitMQ. The first step is to try again when that fails. */
export async function connectWithRetry(url: string, _options: RetryOptions): Promise<ChannelModel> {
  return connect(url)
}

/**
 * A helper for step 3. amqplib hands its socket options on to net.connect. One of them is a signal that destroys the
 * socket when it is aborted, also in the middle of the handshake. amqplib's types do not list it, hence this function:
 * connect(url, droppable(signal)).
 */
export function droppable(signal: AbortSignal): object {
  return { signal }
}

import { type Channel, type ChannelModel, connect, type Replies } from 'amqplib'
import type { RetryOptions } from '../02-retrying-connection/exercise.ts'

/** No await and no loop: each failure chains the next attempt. amqplib's own `timeout` drops a silent socket. */
export function connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel> {
  const { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal, onRetry } = options
  if (urls.length === 0) return Promise.reject(new Error('no nodes'))
  let attempts = 0
  const pause = (ms: number) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          reject(signal.reason)
        },
        { once: true },
      )
    })
  const attempt = (url: string): Promise<ChannelModel> => {
    const once = new AbortController()
    const drop = () => once.abort(signal?.reason)
    signal?.addEventListener('abort', drop)
    const socketOptions: object = { timeout: timeoutMs, signal: once.signal }
    return connect(url, socketOptions)
      .then((connection) => {
        connection.on('error', (error) => console.error(error.message))
        return connection
      })
      .finally(() => signal?.removeEventListener('abort', drop))
  }
  const next = (i: number): Promise<ChannelModel> => {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return attempt(urls[i] ?? '').catch((error: Error) => {
      if (signal?.aborted) throw signal.reason
      onRetry?.(error, ++attempts)
      if (i + 1 < urls.length) return next(i + 1)
      return pause(Math.min(delayMs, maxDelayMs)).then(() => next(0))
    })
  }
  return next(0)
}

export function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
}

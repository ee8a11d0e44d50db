// expectation: keeps running when the connection is lost
// misconception: no-error-listener
// frame: finding.crashed

import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, connect, type Replies } from 'amqplib'
import type { RetryOptions } from '../02-retrying-connection/exercise.ts'

export async function connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel> {
  const { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal, onRetry } = options
  if (urls.length === 0) throw new Error('no nodes')
  let attempt = 0
  for (;;) {
    for (const url of urls) {
      signal?.throwIfAborted()
      const once = new AbortController()
      const stop = () => once.abort()
      const timer = setTimeout(stop, timeoutMs)
      signal?.addEventListener('abort', stop)
      try {
        const socket: object = { signal: once.signal }
        return await connect(url, socket)
      } catch (error) {
        signal?.throwIfAborted()
        onRetry?.(error as Error, ++attempt)
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
      }
    }
    await sleep(Math.min(delayMs, maxDelayMs), undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}

export async function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, Replies } from 'amqplib'
import { connectWithRetry, type RetryOptions } from '../02-retrying-connection/exercise.ts'

/** All nodes are asked at once, and the first to answer wins; the others are dropped, or closed when they come late. */
export async function connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel> {
  if (urls.length === 0) throw new Error('no nodes')
  const { delayMs, maxDelayMs = 30_000, signal, onRetry } = options
  let attempt = 0
  for (;;) {
    signal?.throwIfAborted()
    const decided = new AbortController()
    const decide = () => decided.abort(signal?.reason)
    signal?.addEventListener('abort', decide)
    const asking = urls.map((url) => {
      const once = new AbortController()
      return connectWithRetry(url, {
        ...options,
        signal: AbortSignal.any([decided.signal, once.signal]),
        onRetry: (error) => {
          once.abort(error)
          onRetry?.(error, ++attempt)
        },
      })
    })
    try {
      const winner = await Promise.any(asking)
      decided.abort()
      for (const each of asking) each.then((late) => (late === winner ? undefined : late.close())).catch(() => {})
      return winner
    } catch {
      signal?.throwIfAborted()
    } finally {
      signal?.removeEventListener('abort', decide)
    }
    await sleep(Math.min(delayMs, maxDelayMs), undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}

export async function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  const reply = await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  console.log(`${reply.queue} holds ${reply.messageCount} tasks`)
  return reply
}

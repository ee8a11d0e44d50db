import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, Replies } from 'amqplib'
import { connectWithRetry, type RetryOptions } from '../02-retrying-connection/exercise.ts'

/** One loop, one counter: the wait comes when it has gone once around. */
export const connectToAny = async (urls: string[], options: RetryOptions): Promise<ChannelModel> => {
  const { delayMs, maxDelayMs = 30_000, signal, onRetry } = options
  const first = Math.floor(Math.random() * urls.length)
  for (let tried = 0; urls.length > 0; ) {
    const url = urls[(first + tried) % urls.length] as string
    const stop = new AbortController()
    const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
    try {
      return await connectWithRetry(url, { ...options, signal: both, onRetry: (error) => stop.abort(error) })
    } catch (error) {
      signal?.throwIfAborted()
      if (!stop.signal.aborted) throw error
      onRetry?.(error as Error, ++tried)
    }
    if (tried % urls.length === 0) {
      await sleep(Math.min(delayMs, maxDelayMs), undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
  }
  throw new Error('no URL was given')
}

export async function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 50 } })
}

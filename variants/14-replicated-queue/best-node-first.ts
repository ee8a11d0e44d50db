import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, Replies } from 'amqplib'
import { connectWithRetry, type RetryOptions } from '../02-retrying-connection/exercise.ts'

/** The node that answered last time is tried first. */
let lastGood: string | undefined

function* rounds(urls: string[]): Generator<{ url: string; isLast: boolean }, never> {
  for (;;) {
    const sorted = urls.toSorted((one, other) => Number(other === lastGood) - Number(one === lastGood))
    for (const [i, url] of sorted.entries()) yield { url, isLast: i === sorted.length - 1 }
  }
}

export async function connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel> {
  if (urls.length === 0) throw new Error('no nodes')
  const { delayMs, maxDelayMs = 30_000, signal, onRetry } = options
  let failures = 0
  for (const { url, isLast } of rounds(urls)) {
    let failed: Error | undefined
    const giveUp = new AbortController()
    const stop = () => giveUp.abort(signal?.reason)
    signal?.addEventListener('abort', stop, { once: true })
    try {
      signal?.throwIfAborted()
      const connection = await connectWithRetry(url, {
        ...options,
        signal: giveUp.signal,
        onRetry: (error) => {
          failed = error
          stop()
        },
      })
      lastGood = url
      return connection
    } catch (error) {
      signal?.throwIfAborted()
      if (!failed) throw error
      onRetry?.(failed, ++failures)
    } finally {
      signal?.removeEventListener('abort', stop)
    }
    if (!isLast) continue
    const wait = delayMs + (maxDelayMs - delayMs) * Math.min(1, failures / 100)
    await sleep(wait, undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
  throw new Error('never reached')
}

export async function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum', 'x-max-length': 100_000, 'x-overflow': 'reject-publish' },
  })
}

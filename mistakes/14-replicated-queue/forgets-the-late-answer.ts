// expectation: leaves no connection open from an attempt that it gave up
// misconception: leaks-late-connection
// frame: connection.open-ok

import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, connect, type Replies } from 'amqplib'
import type { RetryOptions } from '../02-retrying-connection/exercise.ts'

/** Each attempt races with a clock and with the signal; nobody closes what comes after that. */
export async function connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel> {
  const { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal, onRetry } = options
  if (urls.length === 0) throw new Error('no nodes')
  const aborted = new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  aborted.catch(() => {})
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    const late = sleep(timeoutMs, undefined, { ref: false }).then(() => Promise.reject(new Error('no answer')))
    late.catch(() => {})
    const connecting = connect(urls[attempt % urls.length] ?? '')
    connecting.then(
      (connection) => connection.on('error', () => {}),
      () => {},
    )
    // The abort, at least, leaves nothing behind.
    signal?.addEventListener('abort', () => void connecting.then((connection) => connection.close()).catch(() => {}))
    try {
      return await Promise.race([connecting, late, aborted])
    } catch (error) {
      signal?.throwIfAborted()
      onRetry?.(error as Error, attempt)
    }
    if (attempt % urls.length === 0) {
      await sleep(Math.min(delayMs, maxDelayMs), undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}

export async function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
}

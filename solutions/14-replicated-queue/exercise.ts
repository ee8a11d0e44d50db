import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, Replies } from 'amqplib'
import { connectWithRetry, type RetryOptions } from '../02-retrying-connection/exercise.ts'

/**
 * Connects to any of these nodes that is up. It tries all of them in a random order, so that the services don't all end
 * up on the first one. Then it waits, and starts again.
 *
 * @throws the broker's own error if it refuses the credentials or the virtual host; `signal.reason` when aborted
 */
export async function connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel> {
  if (urls.length === 0) throw new Error('There is no node to connect to: the list of URLs is empty.')
  const { delayMs, maxDelayMs = 30_000, signal, onRetry } = options
  let attempt = 0
  for (let round = 0; ; round++) {
    for (const url of shuffled(urls)) {
      const outcome = await tryOnce(url, options)
      if (!(outcome instanceof Error)) return outcome
      onRetry?.(outcome, ++attempt)
      signal?.throwIfAborted()
    }
    const longest = Math.min(maxDelayMs, delayMs * 2 ** round)
    const wait = delayMs + Math.random() * Math.max(0, longest - delayMs)
    await sleep(Math.min(wait, maxDelayMs), undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}

/**
 * Makes a single attempt with lesson 02's function, which it stops before that function tries the same node again.
 *
 * @returns the connection, or the error if the attempt is worth repeating
 */
async function tryOnce(url: string, { delayMs, timeoutMs = 10_000, signal }: RetryOptions) {
  const once = new AbortController()
  const stop = () => once.abort(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  let failure: Error | undefined
  const onRetry = (error: Error) => {
    failure = error
    once.abort(error)
  }
  try {
    signal?.throwIfAborted()
    return await connectWithRetry(url, { delayMs, timeoutMs, signal: once.signal, onRetry })
  } catch (error) {
    signal?.throwIfAborted()
    if (failure === undefined) throw error
    return failure
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}

/**
 * Declares a quorum queue, which has copies on several nodes. The broker confirms a task once a majority have it.
 *
 * @throws the broker's 406 if the queue already exists with another type. The broker then closes the channel.
 */
export async function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
}

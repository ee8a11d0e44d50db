import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, Replies } from 'amqplib'
import { connectWithRetry, type RetryOptions } from '../02-retrying-connection/exercise.ts'

/**
 * Connects to one of several nodes: to any that is up. It tries all of them, in an order that chance decides, so that
 * not every service of the house sits on the first one; then it waits, and begins again.
 *
 * @throws the broker's own error when it refuses the credentials or the virtual host; `signal.reason` when aborted
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
 * Lesson 02's function, stopped when it wants to try the same node again: all its care for one attempt, and no retry.
 *
 * @returns the connection, or the error of an attempt that is worth another one
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
 * Declares a queue that is kept on several nodes: a quorum queue. What the broker confirms is then on most of them.
 *
 * @throws the broker's 406 when the queue there is of another kind. The broker then closes the channel.
 */
export async function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
}

import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, connect, type Replies } from 'amqplib'
import type { RetryOptions } from '../02-retrying-connection/exercise.ts'

/** One class for one search. The nodes are tried in the order of the list, with nothing of an earlier lesson. */
class Search {
  #attempts = 0
  readonly #urls: string[]
  readonly #options: RetryOptions

  constructor(urls: string[], options: RetryOptions) {
    this.#urls = urls
    this.#options = options
  }

  async run(): Promise<ChannelModel> {
    for (;;) {
      const found = await this.#round()
      if (found) return found
      await this.#pause()
    }
  }

  async #round(): Promise<ChannelModel | undefined> {
    for (const url of this.#urls) {
      const found = await this.#attempt(url)
      if (found) return found
    }
    return undefined
  }

  async #attempt(url: string): Promise<ChannelModel | undefined> {
    const { timeoutMs = 10_000, signal, onRetry } = this.#options
    signal?.throwIfAborted()
    const dropped = new AbortController()
    const drop = () => dropped.abort()
    const timer = setTimeout(drop, timeoutMs)
    signal?.addEventListener('abort', drop)
    try {
      const socketOptions: object = { signal: dropped.signal }
      const connection = await connect(url, socketOptions)
      connection.on('error', () => {})
      return connection
    } catch (error) {
      signal?.throwIfAborted()
      onRetry?.(dropped.signal.aborted ? new Error(`no answer in ${timeoutMs} ms`) : (error as Error), ++this.#attempts)
      return undefined
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', drop)
    }
  }

  async #pause(): Promise<void> {
    const { delayMs, maxDelayMs = 30_000, signal } = this.#options
    try {
      await sleep(Math.min(delayMs, maxDelayMs), undefined, { signal })
    } catch {
      signal?.throwIfAborted()
    }
  }
}

export async function connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel> {
  if (!urls.length) throw new RangeError('connectToAny needs at least one URL')
  return new Search(urls, options).run()
}

export function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  const replicated = { 'x-queue-type': 'quorum', 'x-quorum-initial-group-size': 3 }
  return channel.assertQueue(queue, { durable: true, exclusive: false, autoDelete: false, arguments: replicated })
}

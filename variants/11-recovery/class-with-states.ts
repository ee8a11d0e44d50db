// A class that knows in which state it is, and finishes what was in hand before it comes back.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import type { Service, ServiceConfig } from '../10-service-lifecycle/exercise.ts'

type State = 'starting' | 'ready' | 'lost' | 'stopping'

class Resilient implements Service {
  readonly ready: Promise<void>
  readonly #config: ServiceConfig
  readonly #handle: TaskHandler
  readonly #abort = new AbortController()
  readonly #settleReady: { resolve: () => void; reject: (error: Error) => void }
  #state: State = 'starting'
  #generation = 0
  #connection: ChannelModel | undefined
  #channel: Channel | undefined
  #working = 0
  #coming: Promise<void> = Promise.resolve()
  #stopped: Promise<void> | undefined

  constructor(config: ServiceConfig, handle: TaskHandler) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => {})
    this.ready = promise
    this.#settleReady = { resolve, reject }
    const url = new URL(config.amqpUrl)
    url.searchParams.set('heartbeat', '2')
    this.#config = { ...config, amqpUrl: url.href }
    this.#handle = handle
    this.#coming = this.#come()
  }

  async #come(): Promise<void> {
    const { amqpUrl, queue, prefetch, retryDelayMs: delayMs } = this.#config
    const { signal } = this.#abort
    while (this.#state === 'starting' || this.#state === 'lost') {
      const generation = ++this.#generation
      try {
        const connection = await connectWithRetry(amqpUrl, { delayMs, signal })
        this.#connection = connection
        connection.on('close', () => this.#lose(generation))
        const channel = await connection.createChannel()
        this.#channel = channel
        channel.on('error', () => {})
        channel.on('close', () => this.#lose(generation))
        await declareTaskQueue(channel, queue)
        await channel.prefetch(prefetch)
        await channel.consume(queue, (message) => {
          if (message) void this.#work(channel, message)
          else this.#lose(generation)
        })
        if (signal.aborted) return
        this.#state = 'ready'
        this.#settleReady.resolve()
      } catch (error) {
        if (signal.aborted) return
        console.error(`attempt ${generation}: ${(error as Error).message}`)
        await this.#close()
        await sleep(delayMs, undefined, { signal }).catch(() => {})
      }
    }
  }

  #lose(generation: number): void {
    if (generation !== this.#generation || this.#state !== 'ready') return
    this.#state = 'lost'
    this.#coming = this.#close()
      .then(() => this.#idle())
      .then(() => this.#come())
  }

  async #work(channel: Channel, message: ConsumeMessage): Promise<void> {
    if (this.#abort.signal.aborted) return
    this.#working++
    try {
      await this.#handle(message.content.toString())
      if (channel === this.#channel) channel.ack(message)
    } catch (error) {
      console.error(error)
    } finally {
      this.#working--
    }
  }

  async #idle(): Promise<void> {
    while (this.#working > 0) await sleep(10)
  }

  async #close(): Promise<void> {
    for (const open of [this.#channel, this.#connection]) {
      if (!open) continue
      await new Promise<void>((resolve) => {
        open.once('close', () => resolve())
        open.close().catch(() => resolve())
      })
    }
    this.#channel = undefined
    this.#connection = undefined
  }

  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#state = 'stopping'
      this.#abort.abort()
      this.#settleReady.reject(new Error('stopped'))
      await this.#coming
      await this.#idle()
      await this.#close()
    })()
    return this.#stopped
  }
}

export function startResilientService(config: ServiceConfig, handle: TaskHandler): Service {
  return new Resilient(config, handle)
}

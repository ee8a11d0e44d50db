// A class that consumes by itself, and counts deliveries until they are acknowledged.
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

class Worker extends EventEmitter implements Service {
  readonly ready: Promise<void>
  readonly #config: ServiceConfig
  readonly #handle: TaskHandler
  readonly #abort = new AbortController()
  #connection: ChannelModel | undefined
  #channel: Channel | undefined
  #tag = ''
  #inHand = 0
  #stopping: Promise<void> | undefined

  constructor(config: ServiceConfig, handle: TaskHandler) {
    super()
    this.#config = config
    this.#handle = handle
    this.ready = this.#start()
    this.ready.catch(() => {})
  }

  async #start(): Promise<void> {
    const { amqpUrl, queue, prefetch, retryDelayMs } = this.#config
    console.log('Attempting to connect to RabbitMQ...')
    this.#connection = await connectWithRetry(amqpUrl, {
      delayMs: retryDelayMs,
      signal: this.#abort.signal,
      onRetry: (error) => console.error(`RabbitMQ connection failed: ${error.message}. Retrying in a moment`),
    })
    console.log('Successfully connected to RabbitMQ!')
    this.#channel = await this.#connection.createChannel()
    this.#channel.on('error', (error) => this.emit('failed', error))
    await this.#channel.assertQueue(queue, { durable: true })
    console.log(`Declared queue: ${queue}`)
    await this.#channel.prefetch(prefetch)
    const { consumerTag } = await this.#channel.consume(queue, (message) => void this.#work(message))
    this.#tag = consumerTag
    if (this.#abort.signal.aborted) throw new Error('stopped')
    console.log(' [*] Waiting for messages. To exit press CTRL+C')
  }

  async #work(message: ConsumeMessage | null): Promise<void> {
    if (message === null || this.#abort.signal.aborted) return
    this.#inHand++
    try {
      await this.#handle(message.content.toString())
      this.#channel?.ack(message)
    } catch (error) {
      console.error(error)
      if (this.#channel) this.#channel.nack(message)
    } finally {
      if (--this.#inHand === 0) this.emit('idle')
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#abort.abort()
    await this.ready.catch(() => {})
    if (this.#tag) await this.#channel?.cancel(this.#tag)
    if (this.#inHand > 0) await once(this, 'idle')
    await this.#channel?.close()
    await this.#connection?.close()
  }
}

export function startService(config: ServiceConfig, handle: TaskHandler): Service {
  return new Worker(config, handle)
}

if (import.meta.main) {
  const dotMs = Number(process.env.DOT_MS ?? 1000)
  const worker = startService(loadConfig(process.env), (task) => {
    console.log(` [x] Received ${task}`)
    return sleep(dotMs * (task.split('.').length - 1))
  })
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      await worker.stop()
      console.log('Exiting consumer')
      process.exit(0)
    })
  }
}

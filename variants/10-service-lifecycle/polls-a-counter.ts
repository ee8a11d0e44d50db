// Counts what is in hand, and polls the counter until it is zero.
import { setTimeout as sleep } from 'node:timers/promises'
import type amqp from 'amqplib'
import type { Channel, ChannelModel } from 'amqplib'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig } from '../05-first-service/exercise.ts'
export type TaskHandler = (task: string) => Promise<void>
export interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

class RabbitService implements Service {
  readonly ready: Promise<void>
  private readonly config: ServiceConfig
  private readonly handle: TaskHandler
  private connection: ChannelModel | null = null
  private channel: Channel | null = null
  private consumerTag = ''
  private readonly stopping = new AbortController()
  private stopped: Promise<void> | null = null
  private active = 0

  constructor(config: ServiceConfig, handle: TaskHandler) {
    this.config = config
    this.handle = handle
    this.ready = this.start()
    this.ready.catch(() => {})
  }

  private check(): void {
    if (this.stopping.signal.aborted) throw new Error('stopped before it was ready')
  }

  private async start(): Promise<void> {
    const { amqpUrl, queue, prefetch, retryDelayMs } = this.config
    console.log('Attempting to connect to RabbitMQ...')
    this.connection = await connectWithRetry(amqpUrl, {
      delayMs: retryDelayMs,
      maxDelayMs: retryDelayMs,
      signal: this.stopping.signal,
      onRetry: (error) => console.log(`RabbitMQ connection failed: ${error.message}. Retrying in ${retryDelayMs} ms`),
    })
    console.log('Successfully connected to RabbitMQ!')
    this.check()
    this.channel = await this.connection.createChannel()
    this.channel.on('error', (error) => console.error(error.message))
    this.check()
    await this.channel.assertQueue(queue, { durable: true })
    console.log(`Declared queue: ${queue}`)
    this.check()
    await this.channel.prefetch(prefetch)
    const { consumerTag } = await this.channel.consume(queue, (msg) => {
      if (msg) void this.onMessage(msg)
    })
    this.consumerTag = consumerTag
    this.check()
    console.log(' [*] Waiting for messages. To exit press CTRL+C')
  }

  private async onMessage(msg: amqp.ConsumeMessage): Promise<void> {
    const { channel } = this
    if (this.stopping.signal.aborted || channel === null) return
    this.active++
    let ok = true
    try {
      await this.handle(msg.content.toString())
    } catch (error) {
      ok = false
      console.error(error)
    }
    try {
      if (ok) channel.ack(msg)
      else channel.nack(msg)
    } catch (error) {
      console.error(error)
    }
    this.active--
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutdown()
    return this.stopped
  }

  private async shutdown(): Promise<void> {
    this.stopping.abort(new Error('stopped before it was ready'))
    await this.ready.catch(() => {})
    if (this.consumerTag) await this.channel?.cancel(this.consumerTag).catch(() => {})
    while (this.active > 0) await sleep(25)
    await this.channel?.close().catch(() => {})
    await this.connection?.close().catch(() => {})
  }
}

export const startService = (config: ServiceConfig, handle: TaskHandler): Service => new RabbitService(config, handle)

async function main(): Promise<void> {
  const dotMs = Number(process.env.DOT_MS ?? 1000)
  const service = startService(loadConfig(process.env), async (task) => {
    console.log(` [x] Received ${task}`)
    await sleep((task.split('.').length - 1) * dotMs)
  })
  const shutdown = async () => {
    await service.stop()
    console.log('Exiting consumer')
    process.exit(0)
  }
  process.on('SIGINT', shutdown)
  process.on('SIGTERM', shutdown)
}

if (import.meta.main) await main()

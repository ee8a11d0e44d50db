// A class and chains of .then; it stops by closing what it has opened, and the process ends by itself.
import { fileURLToPath } from 'node:url'
import * as amqp from 'amqplib'

export interface ServiceConfig {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
}

class SettingError extends RangeError {
  constructor(variable: string, value: string | undefined) {
    super(`Bad setting: ${variable}=${value}`)
  }
}

function integer(env: NodeJS.ProcessEnv, variable: string, fallback: number, min: number, max: number): number {
  const text = env[variable]
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < min || value > max) throw new SettingError(variable, text)
  return value
}

export function loadConfig(env: NodeJS.ProcessEnv): ServiceConfig {
  const amqpUrl = env.AMQP_URL ?? 'amqp://localhost'
  if (!URL.canParse(amqpUrl) || !['amqp:', 'amqps:'].includes(new URL(amqpUrl).protocol)) {
    throw new SettingError('AMQP_URL', amqpUrl)
  }
  return {
    amqpUrl,
    queue: env.QUEUE ?? 'task_queue',
    prefetch: integer(env, 'PREFETCH', 1, 1, 65_535),
    retryDelayMs: integer(env, 'RETRY_DELAY_MS', 5000, 0, 2 ** 31 - 1),
  }
}

class Consumer {
  readonly #config: ServiceConfig
  readonly #dotMs: number
  readonly #timers = new Set<NodeJS.Timeout>()
  #connection: amqp.ChannelModel | undefined
  #stopped = false

  constructor(config: ServiceConfig, dotMs: number) {
    this.#config = config
    this.#dotMs = dotMs
  }

  start(): Promise<void> {
    console.log('Attempting to connect to RabbitMQ...')
    return amqp.connect(this.#config.amqpUrl).then(
      (connection) => this.#consume(connection),
      (error: Error) => {
        console.error(`RabbitMQ connection failed: ${error.stack}. Retrying in a moment`)
        return this.#pause(this.#config.retryDelayMs).then(() => this.start())
      },
    )
  }

  stop(): void {
    console.log('Exiting consumer')
    this.#stopped = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#connection?.close().catch(() => {})
  }

  #consume(connection: amqp.ChannelModel): Promise<void> {
    this.#connection = connection
    connection.on('error', (error) => console.error(error))
    console.log('Successfully connected to RabbitMQ!')
    return connection
      .createChannel()
      .then((channel) =>
        channel
          .assertQueue(this.#config.queue, { durable: true })
          .then(() => console.log(`Declared queue: ${this.#config.queue}`))
          .then(() => channel.prefetch(this.#config.prefetch))
          .then(() => channel.consume(this.#config.queue, (message) => this.#work(channel, message)))
          .then(() => console.log(' [*] Waiting for messages. To exit press CTRL+C')),
      )
      .catch((error) => {
        if (!this.#stopped) throw error
      })
  }

  #work(channel: amqp.Channel, message: amqp.ConsumeMessage | null): void {
    if (!message || this.#stopped) return
    const task = message.content.toString('utf8')
    console.log(` [x] Received ${task}`)
    const dots = [...task].filter((letter) => letter === '.').length
    this.#pause(dots * this.#dotMs)
      .then(() => {
        console.log(' [x] Done')
        if (!this.#stopped) channel.ack(message)
      })
      .catch(console.error)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, ms)
      this.#timers.add(timer)
    })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const consumer = new Consumer(loadConfig(process.env), Number(process.env.DOT_MS ?? 1000))
  process.once('SIGINT', () => consumer.stop())
  void consumer.start()
}

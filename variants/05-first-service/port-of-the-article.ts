// The article's Python program, line by line.
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type ChannelModel, connect } from 'amqplib'

export interface ServiceConfig {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
}

export function loadConfig(env: NodeJS.ProcessEnv): ServiceConfig {
  const amqpUrl = env.AMQP_URL || 'amqp://localhost'
  if (!amqpUrl.startsWith('amqp://') && !amqpUrl.startsWith('amqps://')) throw new Error('bad AMQP_URL')
  const prefetch = parseInt(env.PREFETCH || '1', 10)
  if (String(prefetch) !== (env.PREFETCH || '1') || prefetch < 1 || prefetch > 65535) throw new Error('bad PREFETCH')
  const retryDelayMs = parseInt(env.RETRY_DELAY_MS || '5000', 10)
  if (Number.isNaN(retryDelayMs) || retryDelayMs < 0 || retryDelayMs > 2147483647) throw new Error('bad RETRY_DELAY_MS')
  return { amqpUrl, queue: env.QUEUE || 'task_queue', prefetch, retryDelayMs }
}

async function connectToRabbitMQ(config: ServiceConfig): Promise<ChannelModel> {
  while (true) {
    try {
      console.log('Attempting to connect to RabbitMQ...')
      const connection = await connect(config.amqpUrl)
      console.log('Successfully connected to RabbitMQ!')
      return connection
    } catch (e) {
      console.log(`RabbitMQ connection failed: ${e}. Retrying in 5 seconds...`)
      await sleep(config.retryDelayMs)
    }
  }
}

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  const connection = await connectToRabbitMQ(config)
  const channel = await connection.createChannel()

  await channel.assertQueue(config.queue, { durable: true })
  console.log(`Declared queue: ${config.queue}`)
  console.log(' [*] Waiting for messages. To exit press CTRL+C')

  await channel.prefetch(config.prefetch)
  await channel.consume(config.queue, async (message) => {
    if (message === null) return
    const body = message.content.toString()
    console.log(` [x] Received ${body}`)
    await sleep(body.split('.').length * Number(process.env.DOT_MS ?? 1000) - Number(process.env.DOT_MS ?? 1000))
    console.log(' [x] Done')
    channel.ack(message)
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.on('SIGINT', () => {
    console.log('Exiting consumer')
    process.exit(0)
  })
  main()
}

// Asks for each task with basic.get, in a loop that a signal ends.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelModel, GetMessage } from 'amqplib'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'

export type ServiceConfig = { amqpUrl: string; queue: string; prefetch: number; retryDelayMs: number }

const LIMITS = { PREFETCH: [1, 65_535], RETRY_DELAY_MS: [0, 2_147_483_647] } as const

export const loadConfig = (env: NodeJS.ProcessEnv): ServiceConfig => {
  const { AMQP_URL = 'amqp://localhost', QUEUE = 'task_queue', PREFETCH = '1', RETRY_DELAY_MS = '5000' } = env
  const faults: string[] = []
  if (!/^amqps?:\/\//.test(AMQP_URL)) faults.push(`AMQP_URL should begin with amqp://`)
  for (const [name, value] of Object.entries({ PREFETCH, RETRY_DELAY_MS })) {
    const [least, most] = LIMITS[name as keyof typeof LIMITS]
    const ok = /^(0|[1-9]\d*)$/.test(value) && Number(value) >= least && Number(value) <= most
    if (!ok) faults.push(`${name} should be between ${least} and ${most}`)
  }
  if (faults.length > 0) throw new TypeError(faults.join('\n'))
  return { amqpUrl: AMQP_URL, queue: QUEUE, prefetch: Number(PREFETCH), retryDelayMs: Number(RETRY_DELAY_MS) }
}

async function run(signal: AbortSignal): Promise<void> {
  const config = loadConfig(process.env)
  const dotMs = process.env.DOT_MS === undefined ? 1000 : Number(process.env.DOT_MS)
  let connection: ChannelModel | undefined
  try {
    console.info('Attempting to connect to RabbitMQ...')
    connection = await connectWithRetry(config.amqpUrl, {
      delayMs: config.retryDelayMs,
      maxDelayMs: config.retryDelayMs,
      signal,
      onRetry: (error, attempt) => {
        console.warn(`RabbitMQ connection failed: ${error.message}. Retrying in a while (attempt ${attempt})`)
        console.info('Attempting to connect to RabbitMQ...')
      },
    })
    console.info('Successfully connected to RabbitMQ!')
    const channel = await connection.createChannel()
    await channel.assertQueue(config.queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    console.info(`Declared queue: ${config.queue}\n [*] Waiting for messages. To exit press CTRL+C`)
    while (!signal.aborted) {
      const message: GetMessage | false = await channel.get(config.queue)
      if (message === false) {
        await sleep(20, undefined, { signal })
        continue
      }
      const task = new TextDecoder().decode(message.content)
      process.stdout.write(` [x] Received ${task}\n`)
      for (const letter of task) if (letter === '.') await sleep(dotMs, undefined, { signal })
      channel.ack(message)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await connection?.close().catch(() => {})
  }
}

if (import.meta.main) {
  const stop = new AbortController()
  process.on('SIGINT', () => stop.abort())
  await run(stop.signal)
  process.stdout.write('Exiting consumer\n')
}

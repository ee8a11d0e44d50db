import { setTimeout as sleep } from 'node:timers/promises'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import { consumeTasks } from '../04-ack-consumer/exercise.ts'

export interface ServiceConfig {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
}

/**
 * Reads the service's settings from `env`, and from nowhere else.
 *
 * @throws an error that names the variable if a value is invalid
 */
export function loadConfig(env: NodeJS.ProcessEnv): ServiceConfig {
  return {
    amqpUrl: amqpUrl(env.AMQP_URL ?? 'amqp://localhost'),
    queue: env.QUEUE ?? 'task_queue',
    prefetch: wholeNumber('PREFETCH', env.PREFETCH ?? '1', { least: 1, most: 65_535 }),
    retryDelayMs: wholeNumber('RETRY_DELAY_MS', env.RETRY_DELAY_MS ?? '5000', { least: 0, most: 2_147_483_647 }),
  }
}

/** The value may contain a password, so the message doesn't repeat it. */
function amqpUrl(value: string): string {
  if (!/^amqps?:$/.test(URL.parse(value)?.protocol ?? '')) {
    throw new Error('AMQP_URL is not an amqp:// or amqps:// URL')
  }
  return value
}

function wholeNumber(variable: string, value: string, { least, most }: { least: number; most: number }): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw new Error(`${variable} must be a whole number from ${least} to ${most}, not '${value}'`)
  }
  return number
}

/** The program. Connects, declares the queue and consumes until SIGINT, or until the connection is lost. */
async function main(): Promise<void> {
  const { amqpUrl, queue, prefetch, retryDelayMs } = loadConfig(process.env)
  const dotMs = Number(process.env.DOT_MS ?? 1000)

  // The current task stays unacknowledged, so the broker gives it to another worker. Lesson 10 finishes it first.
  process.once('SIGINT', () => {
    console.log('Exiting consumer')
    process.exit(0)
  })

  console.log('Attempting to connect to RabbitMQ...')
  const connection = await connectWithRetry(amqpUrl, {
    delayMs: retryDelayMs,
    maxDelayMs: retryDelayMs,
    onRetry: ({ message }) => {
      console.log(`RabbitMQ connection failed: ${message}. Retrying in ${retryDelayMs / 1000} seconds...`)
    },
  })
  console.log('Successfully connected to RabbitMQ!')
  // Whoever runs the service has to start it again. Lesson 11 does better.
  connection.on('close', () => process.exit(1))

  const channel = await connection.createChannel()
  channel.on('error', (error: Error) => console.error(`RabbitMQ channel closed: ${error.message}`))
  await declareTaskQueue(channel, queue)
  console.log(`Declared queue: ${queue}`)

  await channel.prefetch(prefetch)
  await consumeTasks(channel, queue, async (task) => {
    console.log(` [x] Received ${task}`)
    const dots = task.split('.').length - 1
    await sleep(dots * dotMs)
    console.log(' [x] Done')
  })
  console.log(' [*] Waiting for messages. To exit press CTRL+C')
}

if (import.meta.main) await main()

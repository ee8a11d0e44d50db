import { setTimeout as sleep } from 'node:timers/promises'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface Service {
  /** Resolves once the broker has accepted the consumer. Rejects if the service is stopped first. */
  ready: Promise<void>
  /** Starts no new tasks, finishes the ones in progress, and closes everything. Resolves when all that is done. */
  stop(): Promise<void>
}

/** Starts the service and returns at once. */
export function startService(config: ServiceConfig, handle: TaskHandler): Service {
  void run(config, handle)
  return {
    ready: Promise.resolve(),
    stop: async () => {},
  }
}

/** What lesson 05 did in its main(). */
async function run({ amqpUrl, queue, prefetch, retryDelayMs }: ServiceConfig, handle: TaskHandler): Promise<void> {
  console.log('Attempting to connect to RabbitMQ...')
  const connection = await connectWithRetry(amqpUrl, {
    delayMs: retryDelayMs,
    maxDelayMs: retryDelayMs,
    onRetry: ({ message }) => console.log(`RabbitMQ connection failed: ${message}. Retrying in ${retryDelayMs} ms`),
  })
  console.log('Successfully connected to RabbitMQ!')
  const channel = await connection.createChannel()
  await declareTaskQueue(channel, queue)
  console.log(`Declared queue: ${queue}`)
  await channel.prefetch(prefetch)
  await consumeTasks(channel, queue, handle)
  console.log(' [*] Waiting for messages. To exit press CTRL+C')
}

/** The program. */
async function main(): Promise<void> {
  const dotMs = Number(process.env.DOT_MS ?? 1000)
  startService(loadConfig(process.env), async (task) => {
    console.log(` [x] Received ${task}`)
    await sleep((task.split('.').length - 1) * dotMs)
  })
  process.once('SIGINT', () => {
    console.log('Exiting consumer')
    process.exit(0)
  })
}

if (import.meta.main) await main()

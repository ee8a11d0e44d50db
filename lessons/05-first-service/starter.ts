import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'amqplib'

// Import what you built in earlier lessons:
// import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
// import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
// import { consumeTasks } from '../04-ack-consumer/exercise.ts'

export interface ServiceConfig {
  /** AMQP_URL. Default: 'amqp://localhost'. */
  amqpUrl: string
  /** QUEUE. Default: 'task_queue'. */
  queue: string
  /** PREFETCH, a whole number from 1 to 65535. Default: 1. */
  prefetch: number
  /** RETRY_DELAY_MS, a whole number from 0 to 2147483647. Default: 5000. */
  retryDelayMs: number
}

/** Reads the service's settings from `env`. */
export function loadConfig(env: NodeJS.ProcessEnv): ServiceConfig {
  return {
    amqpUrl: env.AMQP_URL ?? 'amqp://localhost',
    queue: env.QUEUE ?? 'task_queue',
    prefetch: Number(env.PREFETCH ?? 1),
    retryDelayMs: Number(env.RETRY_DELAY_MS ?? 5000),
  }
}

/** The program. */
async function main(): Promise<void> {
  const config = loadConfig(process.env)
  const connection = await connect(config.amqpUrl)
  console.log('Connected')

  const channel = await connection.createChannel()
  await channel.assertQueue(config.queue, { durable: false })
  await channel.consume(
    config.queue,
    async (message) => {
      console.log('Received', message?.content.toString())
      await sleep(1000)
    },
    { noAck: true },
  )
  console.log('Waiting for messages')
}

main()

// One worker takes deliveries from a list, one at a time; a signal ends it between two tasks.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumeMessage } from 'amqplib'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

export function startService(config: ServiceConfig, handle: TaskHandler): Service {
  const abort = new AbortController()
  const accepted = Promise.withResolvers<void>()
  accepted.promise.catch(() => {})
  const ended = run(config, handle, abort.signal, accepted.resolve).catch((error: unknown) => {
    accepted.reject(error)
  })
  return {
    ready: accepted.promise,
    async stop() {
      abort.abort(new Error('stopped'))
      accepted.reject(abort.signal.reason)
      await ended
    },
  }
}

async function run(config: ServiceConfig, handle: TaskHandler, signal: AbortSignal, accepted: () => void) {
  console.log('Attempting to connect to RabbitMQ...')
  const connection = await connectWithRetry(config.amqpUrl, {
    delayMs: config.retryDelayMs,
    maxDelayMs: config.retryDelayMs,
    signal,
    onRetry: ({ message }) => console.log(`RabbitMQ connection failed: ${message}. Retrying in a while`),
  })
  console.log('Successfully connected to RabbitMQ!')
  try {
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await declareTaskQueue(channel, config.queue)
    console.log(`Declared queue: ${config.queue}`)
    await channel.prefetch(config.prefetch)
    const list: ConsumeMessage[] = []
    let wake: () => void = () => {}
    signal.addEventListener('abort', () => wake())
    await channel.consume(config.queue, (message) => {
      if (message) list.push(message)
      wake()
    })
    accepted()
    console.log(' [*] Waiting for messages. To exit press CTRL+C')
    while (!signal.aborted) {
      const message = list.shift()
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      try {
        await handle(message.content.toString('utf8'))
        channel.ack(message)
      } catch {
        channel.reject(message, true)
      }
    }
    await channel.close()
  } finally {
    await connection.close()
  }
}

if (import.meta.main) {
  const service = startService(loadConfig(process.env), async (task) => {
    console.log(` [x] Received ${task}`)
    for (const letter of task) if (letter === '.') await sleep(Number(process.env.DOT_MS ?? 1000))
  })
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => new Promise((resolve) => process.on(signal, resolve))))
  await service.stop()
  console.log('Exiting consumer')
}

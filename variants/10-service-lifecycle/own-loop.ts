// Everything in one function, with a loop of its own around connect(); waits for its handlers by polling.
import { setTimeout as sleep } from 'node:timers/promises'
import amqp from 'amqplib'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

export function startService(config: ServiceConfig, handle: (task: string) => Promise<void>): Service {
  const asked = new AbortController()
  let unsettled = 0
  const start = async () => {
    let connection: amqp.ChannelModel | undefined
    while (!connection) {
      asked.signal.throwIfAborted()
      console.log('Attempting to connect to RabbitMQ...')
      try {
        connection = await amqp.connect(config.amqpUrl)
      } catch (error) {
        console.log(`RabbitMQ connection failed: ${error}. Retrying in ${config.retryDelayMs} ms`)
        await sleep(config.retryDelayMs, undefined, { signal: asked.signal })
      }
    }
    console.log('Successfully connected to RabbitMQ!')
    connection.on('error', (error) => console.error(error))
    const channel = await connection.createChannel()
    channel.on('error', (error) => console.error(error))
    await channel.assertQueue(config.queue)
    console.log(`Declared queue: ${config.queue}`)
    await channel.prefetch(config.prefetch)
    const consumer = await channel.consume(config.queue, (message) => {
      if (!message || asked.signal.aborted) return
      unsettled++
      ;(async () => handle(message.content.toString()))()
        .then(
          () => channel.ack(message),
          () => channel.nack(message, false, true),
        )
        .catch((error) => console.error(error))
        .finally(() => unsettled--)
    })
    console.log(' [*] Waiting for messages. To exit press CTRL+C')
    return { connection, channel, consumer }
  }
  const started = start()
  const ready = started.then(() => {
    if (asked.signal.aborted) throw new Error('stopped before it was ready')
  })
  ready.catch(() => {})
  const stop = async () => {
    const open = await started.catch(() => undefined)
    if (!open) return
    await open.channel.cancel(open.consumer.consumerTag)
    while (unsettled > 0) await sleep(5)
    await open.channel.close()
    await open.connection.close()
  }
  let stopping: Promise<void> | undefined
  return {
    ready,
    stop: async () => {
      asked.abort()
      stopping ??= stop()
      await stopping
    },
  }
}

if (import.meta.main) {
  const service = startService(loadConfig(process.env), async (task) => {
    console.log(` [x] Received ${task}`)
    await sleep(task.replace(/[^.]/g, '').length * Number(process.env.DOT_MS ?? 1000))
  })
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  async function end() {
    await service.stop()
    console.log('Exiting consumer')
  }
}

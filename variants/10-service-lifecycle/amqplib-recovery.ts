// amqplib's own recovery connects and sets up; the service waits for its set-up, and closes the channel before the rest.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

export function startService(config: ServiceConfig, handle: TaskHandler): Service {
  const { amqpUrl, queue, prefetch, retryDelayMs } = config
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let stopping = false
  let inHand = 0
  let allDone: () => void = () => {}
  let channel: Channel | undefined
  let tag = ''
  let settingUp: Promise<void> = Promise.resolve()

  const work = async (task: string) => {
    if (stopping) return new Promise<void>(() => {})
    inHand++
    try {
      await handle(task)
    } finally {
      // The ack comes in a microtask behind this one.
      setImmediate(() => --inHand === 0 && allDone())
    }
  }

  async function setUp(model: ChannelModel): Promise<void> {
    console.log('Successfully connected to RabbitMQ!')
    channel = await model.createChannel()
    channel.on('error', console.error)
    await channel.assertQueue(queue, { durable: true })
    console.log(`Declared queue: ${queue}`)
    await channel.prefetch(prefetch)
    tag = await consumeTasks(channel, queue, work)
    if (stopping) return
    console.log(' [*] Waiting for messages. To exit press CTRL+C')
    ready.resolve()
  }

  console.log('Attempting to connect to RabbitMQ...')
  const opening = connect(amqpUrl, {
    recovery: {
      initialDelay: retryDelayMs,
      maxDelay: retryDelayMs,
      jitter: 0,
      waitForConnect: false,
      setup: (model: ChannelModel) => {
        model.on('error', () => {})
        settingUp = setUp(model)
        return settingUp
      },
    },
  })
  opening.then((model) => {
    model.on('error', console.error)
    model.on('connect-failed', (error: Error) => {
      console.log(`RabbitMQ connection failed: ${error.message}. Retrying in ${retryDelayMs} ms`)
    })
  })

  async function stop(): Promise<void> {
    stopping = true
    ready.reject(new Error('stopped'))
    await settingUp.catch(() => {})
    if (tag) await channel?.cancel(tag)
    if (inHand > 0) await new Promise<void>((resolve) => (allDone = resolve))
    await channel?.close()
    await (await opening).close()
  }
  let stopped: Promise<void> | undefined
  return { ready: ready.promise, stop: () => (stopped ??= stop()) }
}

if (import.meta.main) {
  const service = startService(loadConfig(process.env), async (task) => {
    console.log(` [x] Received ${task}`)
    await sleep((task.split('.').length - 1) * Number(process.env.DOT_MS ?? 1000))
  })
  const stop = async () => {
    await service.stop()
    console.log('Exiting consumer')
    process.exit()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

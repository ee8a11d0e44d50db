// Chains of .then, with a deferred ready, and no basic.cancel: what comes after stop() is left lying.
import { type Channel, type ChannelModel, connect } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig }
export type Service = { ready: Promise<void>; stop(): Promise<void> }

export function startService({ amqpUrl, queue, prefetch, retryDelayMs }: ServiceConfig, handle: TaskHandler): Service {
  const state = { stopping: false, timer: undefined as NodeJS.Timeout | undefined }
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  const work: Promise<void>[] = []
  let wakeUp: () => void = () => {}

  function attempt(): Promise<ChannelModel | undefined> {
    console.log('Attempting to connect to RabbitMQ...')
    return connect(amqpUrl).catch((error: Error) => {
      console.log(`RabbitMQ connection failed: ${error.message}. Retrying in ${retryDelayMs} ms`)
      if (state.stopping) return undefined
      return new Promise<void>((resolve) => {
        wakeUp = resolve
        state.timer = setTimeout(resolve, retryDelayMs)
      }).then(() => (state.stopping ? undefined : attempt()))
    })
  }

  function consume(connection: ChannelModel): Promise<Channel> {
    console.log('Successfully connected to RabbitMQ!')
    connection.on('error', console.error)
    return connection.createChannel().then((channel) => {
      channel.on('error', console.error)
      return Promise.all([
        channel.assertQueue(queue, { durable: true }).then(() => console.log(`Declared queue: ${queue}`)),
        channel.prefetch(prefetch),
        channel.consume(queue, (message) => {
          if (message === null || state.stopping) return
          const done = Promise.resolve(message.content.toString())
            .then(handle)
            .then(
              () => channel.ack(message),
              () => channel.nack(message),
            )
            .catch(console.error)
          work.push(done)
        }),
      ]).then(() => channel)
    })
  }

  const opened = attempt().then((connection) => {
    if (!connection) return undefined
    return consume(connection).then((channel) => ({ connection, channel }))
  })
  opened.then(() => {
    if (state.stopping) return ready.reject(new Error('stopped'))
    console.log(' [*] Waiting for messages. To exit press CTRL+C')
    ready.resolve()
  }, ready.reject)

  let stopped: Promise<void> | undefined
  return {
    ready: ready.promise,
    stop() {
      if (stopped) return stopped
      state.stopping = true
      clearTimeout(state.timer)
      wakeUp()
      stopped = opened
        .then((open) =>
          Promise.all(work)
            .then(() => open?.channel.close())
            .then(() => open?.connection.close()),
        )
        .catch(console.error)
      return stopped
    },
  }
}

if (import.meta.main) {
  const service = startService(loadConfig(process.env), (task) => {
    console.log(` [x] Received ${task}`)
    return new Promise((resolve) => {
      setTimeout(resolve, [...task].filter((letter) => letter === '.').length * Number(process.env.DOT_MS ?? 1000))
    })
  })
  const exit = () =>
    service.stop().then(() => {
      console.log('Exiting consumer')
    })
  process.on('SIGINT', exit).on('SIGTERM', exit)
}

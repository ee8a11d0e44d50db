import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel } from 'amqplib'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
import { declareTaskQueue } from '../03-durable-queue/exercise.ts'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

/** Lesson 11 builds on this. */
export interface RunningService extends Service {
  /** Resolves when the connection, the channel or the consumer is lost without a stop(). */
  lost: Promise<void>
}

/** What a service has open at the broker once it's ready. */
interface Consumer {
  connection: ChannelModel
  channel: Channel
  tag: string
}

/**
 * Starts a service and returns at once. The service connects, declares its queue, consumes, and stops on request.
 *
 * `ready` rejects with the broker's error if the broker refuses, and also if the service is stopped first.
 */
export function startService(config: ServiceConfig, handle: TaskHandler): RunningService {
  const stopping = new AbortController()
  const lost = Promise.withResolvers<void>()
  const inHand = new Set<Promise<void>>()

  const work: TaskHandler = (task) => {
    // It arrived after stop(). It stays unacknowledged, so the broker requeues it when the channel closes.
    if (stopping.signal.aborted) return new Promise(() => {})
    const working = (async () => handle(task))()
    inHand.add(working)
    const done = () => void inHand.delete(working)
    working.then(done, done)
    return working
  }

  const opening = open(config, work, stopping.signal, lost.resolve)
  const ready = opening.then(() => stopping.signal.throwIfAborted())
  // A caller that stops the service before it's ready may never await this promise.
  ready.catch(() => {})

  async function stop(): Promise<void> {
    stopping.abort(new Error('The service was stopped before it was ready.'))
    const consumer = await opening.catch(() => undefined)
    // If the connection is lost in the meantime, there's no consumer left to cancel.
    await consumer?.channel.cancel(consumer.tag).catch(() => {})
    await Promise.allSettled(inHand)
    // consumeTasks() may need a few more microtasks to see that the promise has resolved, and to send the ack.
    await nextTurn()
    if (!consumer) return
    // Close the channel first: its close is sent after its acks. The connection's close would overtake them.
    await close(consumer.channel)
    await close(consumer.connection)
  }

  let stopped: Promise<void> | undefined
  return {
    ready,
    lost: lost.promise,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** Connects and consumes. If it fails, it leaves nothing open. */
async function open(
  { amqpUrl, queue, prefetch, retryDelayMs }: ServiceConfig,
  work: TaskHandler,
  signal: AbortSignal,
  lose: () => void,
): Promise<Consumer> {
  console.log('Attempting to connect to RabbitMQ...')
  const connection = await connectWithRetry(amqpUrl, {
    delayMs: retryDelayMs,
    maxDelayMs: retryDelayMs,
    signal,
    onRetry: ({ message }) => {
      console.log(`RabbitMQ connection failed: ${message}. Retrying in ${retryDelayMs / 1000} seconds...`)
    },
  })
  console.log('Successfully connected to RabbitMQ!')
  const lostConsumer = () => {
    // A connection without its channel or its consumer is useless.
    if (!signal.aborted) void close(connection).then(lose)
  }
  connection.on('close', lostConsumer)
  try {
    const channel = await connection.createChannel()
    channel.on('error', (error: Error) => console.error(`RabbitMQ channel closed: ${error.message}`))
    channel.on('close', lostConsumer)
    // The broker has cancelled the consumer, because its queue was deleted.
    channel.on('cancel', lostConsumer)
    await declareTaskQueue(channel, queue)
    console.log(`Declared queue: ${queue}`)
    await channel.prefetch(prefetch)
    const tag = await consumeTasks(channel, queue, work)
    console.log(' [*] Waiting for messages. To exit press CTRL+C')
    return { connection, channel, tag }
  } catch (error) {
    await close(connection)
    lose()
    throw error
  }
}

/**
 * If the link dies in the meantime, amqplib's close() never settles, but amqplib still emits 'close'. If the link is
 * already dead, close() rejects.
 */
async function close(open: Channel | ChannelModel): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  open.once('close', resolve)
  await Promise.race([closed, open.close().catch(() => {})])
}

async function main(): Promise<void> {
  const dotMs = Number(process.env.DOT_MS ?? 1000)
  const service = startService(loadConfig(process.env), async (task) => {
    console.log(` [x] Received ${task}`)
    await sleep((task.split('.').length - 1) * dotMs)
    console.log(' [x] Done')
  })
  let asked = false
  const stop = async () => {
    asked = true
    await service.stop()
    // Nothing keeps the process alive any more, so it ends by itself.
    console.log('Exiting consumer')
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  await service.ready.catch((error: Error) => {
    if (!asked) throw error
  })
  // Whatever runs the service can restart it. Lesson 11 does better.
  void service.lost.then(() => {
    process.exitCode = 1
  })
}

if (import.meta.main) await main()

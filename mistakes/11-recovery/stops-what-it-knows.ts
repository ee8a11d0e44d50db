// expectation: stops at any moment, as in lesson 10
// misconception: forgets-the-half-built, It looks as if stop() only closes what is there when it is called: the connection that was being made is made all the same.
import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import type { ServiceConfig } from '../05-first-service/exercise.ts'

interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

export function startResilientService(config: ServiceConfig, handle: TaskHandler): Service {
  const { queue, prefetch, retryDelayMs } = config
  const url = new URL(config.amqpUrl)
  url.searchParams.set('heartbeat', '1')
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  const stopping = new AbortController()
  const working = new Set<Promise<void>>()
  let current: ChannelModel | undefined
  let cancel = async () => {}

  /** Resolves when the connection is of no use any more. */
  async function consume(connection: ChannelModel): Promise<void> {
    const ended = Promise.withResolvers<void>()
    connection.on('error', (error) => console.error(error.message))
    connection.on('close', () => ended.resolve())
    const channel = await connection.createChannel()
    channel.on('error', (error) => console.error(error.message))
    channel.on('close', () => ended.resolve())
    await channel.assertQueue(queue, { durable: true })
    await channel.prefetch(prefetch)
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message === null) return ended.resolve()
      if (stopping.signal.aborted) return
      const work = (async () => handle(message.content.toString()))()
        .then(
          () => channel.ack(message),
          () => channel.nack(message),
        )
        .catch((error: Error) => console.error(`settled too late: ${error.message}`))
        .finally(() => working.delete(work))
      working.add(work)
    })
    ready.resolve()
    cancel = async () => {
      await channel.cancel(consumerTag)
      await Promise.all(working)
      await channel.close()
    }
    await ended.promise
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        current = undefined
        cancel = async () => {}
        current = await connect(url.href)
        await consume(current)
      } catch (error) {
        console.error(`attempt failed: ${(error as Error).message}`)
        await sleep(retryDelayMs, undefined, { signal: stopping.signal }).catch(() => {})
      }
      if (current) await closed(current)
    }
  }

  void run()
  return {
    ready: ready.promise,
    async stop() {
      stopping.abort()
      ready.reject(new Error('stopped'))
      await cancel().catch(() => {})
      await Promise.all(working)
      if (current) await closed(current)
    },
  }
}

function closed(connection: ChannelModel): Promise<void> {
  return new Promise((resolve) => {
    connection.once('close', () => resolve())
    connection.close().catch(() => resolve())
  })
}

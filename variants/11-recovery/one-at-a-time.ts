// One worker for all lives: it takes from a list, one task at a time, and answers on the channel that the task came by.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import type { Service, ServiceConfig } from '../10-service-lifecycle/exercise.ts'

export function startResilientService(config: ServiceConfig, handle: TaskHandler): Service {
  const list: { channel: Channel; message: ConsumeMessage }[] = []
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  const stopping = new AbortController()
  let wake: () => void = () => {}
  let connection: ChannelModel | undefined

  async function work(): Promise<void> {
    for (;;) {
      const next = stopping.signal.aborted ? undefined : list.shift()
      if (!next && stopping.signal.aborted) return
      if (!next) {
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      const { channel, message } = next
      const done = await Promise.resolve(handle(String(message.content))).then(
        () => true,
        () => false,
      )
      try {
        if (done) channel.ack(message)
        else channel.nack(message)
      } catch {
        console.error('its channel is gone')
      }
    }
  }

  async function attempt(): Promise<ChannelModel> {
    const url = new URL(config.amqpUrl)
    url.search = '?heartbeat=1'
    const opened = await connect(url.href, { timeout: 5000 })
    opened.on('error', () => {})
    try {
      const channel = await opened.createChannel()
      channel.on('error', () => {})
      await channel.assertQueue(config.queue)
      await channel.prefetch(config.prefetch)
      await channel.consume(config.queue, (message) => {
        if (message === null) return opened.close().catch(() => {})
        list.push({ channel, message })
        wake()
        return undefined
      })
      return opened
    } catch (error) {
      await opened.close().catch(() => {})
      throw error
    }
  }

  async function keepUp(): Promise<void> {
    let delay = config.retryDelayMs
    while (!stopping.signal.aborted) {
      try {
        connection = await attempt()
        delay = config.retryDelayMs
      } catch {
        await sleep(delay, undefined, { signal: stopping.signal }).catch(() => {})
        delay = Math.min(delay * 2, Math.max(30_000, config.retryDelayMs))
        continue
      }
      const lost = new Promise<void>((resolve) => connection?.once('close', resolve))
      if (!stopping.signal.aborted) ready.resolve()
      const asked = new Promise<void>((resolve) => {
        if (stopping.signal.aborted) resolve()
        stopping.signal.addEventListener('abort', () => resolve())
      })
      await Promise.race([lost, asked])
      // What is in the list of a lost connection comes again.
      if (!stopping.signal.aborted) list.length = 0
    }
  }

  const working = work()
  const keeping = keepUp()

  async function stop(): Promise<void> {
    stopping.abort()
    ready.reject(new Error('stopped'))
    wake()
    await keeping
    await working
    // The acks are written before the close, in a turn of their own.
    await sleep(10)
    const open = connection
    if (!open) return
    const channels = new Promise<void>((resolve) => open.once('close', resolve))
    await Promise.race([channels, open.createChannel().then((channel) => channel.close())]).catch(() => {})
    await Promise.race([channels, open.close()]).catch(() => {})
  }
  let stopped: Promise<void> | undefined
  return { ready: ready.promise, stop: () => (stopped ??= stop()) }
}

// A connection manager as services write it: an event emitter, and a queue that is consumed again on the same channel.
import { EventEmitter } from 'node:events'
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import type { ServiceConfig } from '../05-first-service/exercise.ts'

/** A connection manager that knows its connection, and calls its listeners with each new channel. */
class Manager extends EventEmitter {
  connection: ChannelModel | undefined
  timer?: NodeJS.Timeout
  closing = false
  connecting?: Promise<void>
  url: string
  delay: number
  constructor(url: string, delay: number) {
    super()
    this.url = url
    this.delay = delay
  }
  start() {
    this.connecting = this.attempt()
  }
  private async attempt(): Promise<void> {
    let connection: ChannelModel | undefined
    try {
      connection = await connect(this.url, { timeout: 5000 })
      const mine = connection
      let over = false
      mine.on('error', () => {})
      mine.on('close', () => (over = true))
      if (this.closing) return await mine.close()
      const channel = await mine.createChannel()
      channel.on('error', () => {})
      await new Promise<void>((resolve, reject) => this.emit('setup', channel, resolve, reject))
      if (over) throw new Error('lost while it was set up')
      this.connection = mine
      mine.on('close', () => this.lost(mine))
      channel.on('close', () => mine.close().catch(() => {}))
      this.emit('up')
    } catch {
      await connection?.close().catch(() => {})
      this.later()
    }
  }
  private lost(which: ChannelModel) {
    if (this.connection !== which) return
    this.connection = undefined
    this.emit('down')
    if (!this.closing) this.start()
  }
  private later() {
    if (this.closing) return
    this.timer = setTimeout(() => this.start(), this.delay)
  }
}

export function startResilientService(config: ServiceConfig, handle: TaskHandler) {
  const url = new URL(config.amqpUrl)
  url.searchParams.set('heartbeat', '2')
  const manager = new Manager(url.href, config.retryDelayMs)
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let working = 0
  let channel: Channel | undefined
  let tag = ''
  const onMessage = (on: Channel) => async (message: ConsumeMessage | null) => {
    if (!message) {
      // Its queue is gone: declare and consume anew, on the same channel.
      try {
        await subscribe(on)
      } catch {
        await manager.connection?.close().catch(() => {})
      }
      return
    }
    if (manager.closing) return
    working++
    try {
      await handle(message.content.toString())
      settle(() => on.ack(message))
    } catch {
      settle(() => on.nack(message))
    } finally {
      working--
      manager.emit('worked')
    }
  }
  async function subscribe(on: Channel) {
    await on.assertQueue(config.queue, { durable: true })
    await on.prefetch(config.prefetch)
    const reply = await on.consume(config.queue, onMessage(on))
    channel = on
    tag = reply.consumerTag
  }
  manager.on('setup', (on: Channel, resolve: () => void, reject: (error: Error) => void) => {
    subscribe(on).then(resolve, reject)
  })
  manager.on('up', () => manager.closing || ready.resolve())
  manager.start()
  let stopping: Promise<void> | undefined
  async function stop() {
    manager.closing = true
    ready.reject(new Error('stopped'))
    clearTimeout(manager.timer)
    await manager.connecting
    const connection = manager.connection
    const gone = new Promise<void>((resolve) => (connection ? connection.once('close', resolve) : resolve()))
    if (connection && channel) await Promise.race([channel.cancel(tag).catch(() => {}), gone])
    while (working > 0) await new Promise((resolve) => manager.once('worked', resolve))
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (connection && channel) await Promise.race([channel.close().catch(() => {}), gone])
    if (connection) await Promise.race([connection.close().catch(() => {}), gone])
  }
  return { ready: ready.promise, stop: () => (stopping ??= stop()) }
}

/** On a channel that is gone there is nothing to settle. */
function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(String(error))
  }
}

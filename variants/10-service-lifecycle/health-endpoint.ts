import { createServer } from 'node:http'
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { connectWithRetry } from '../02-retrying-connection/exercise.ts'
import { loadConfig, type ServiceConfig } from '../05-first-service/exercise.ts'

export type { ServiceConfig } from '../05-first-service/exercise.ts'

type TaskHandler = (task: string) => Promise<void>
export interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

const HEALTH_PORT = Number(process.env.HEALTH_PORT ?? 8081)

/** /live and /ready for the platform, as lightship has them. */
function healthServer(state: { ready: boolean }) {
  const server = createServer((req, res) => {
    const ok = req.url === '/live' || state.ready
    res.writeHead(ok ? 200 : 503, { connection: 'close' }).end(ok ? 'UP' : 'DOWN')
  })
  server.listen(HEALTH_PORT)
  return server
}

export function startService(config: ServiceConfig, handle: TaskHandler): Service {
  const state = { ready: false, stopping: false }
  const abort = new AbortController()
  const server = healthServer(state)
  const active = new Set<Promise<void>>()
  let connection: ChannelModel | undefined
  let channel: Channel | undefined
  let tag: string | undefined

  const bail = () => {
    if (state.stopping) throw new Error('service stopped')
  }

  async function onMessage(ch: Channel, msg: ConsumeMessage) {
    try {
      await handle(msg.content.toString())
      ch.ack(msg)
    } catch (error) {
      console.error((error as Error).message)
      try {
        ch.nack(msg)
      } catch {}
    }
  }

  async function start() {
    console.log('Attempting to connect to RabbitMQ...')
    connection = await connectWithRetry(config.amqpUrl, {
      delayMs: config.retryDelayMs,
      maxDelayMs: config.retryDelayMs,
      signal: abort.signal,
      onRetry: (e) =>
        console.log(`RabbitMQ connection failed: ${e.message}. Retrying in ${config.retryDelayMs / 1000} seconds...`),
    })
    bail()
    console.log('Successfully connected to RabbitMQ!')
    channel = await connection.createChannel()
    channel.on('error', (e) => console.error(e.message))
    bail()
    await channel.assertQueue(config.queue, { durable: true })
    console.log(`Declared queue: ${config.queue}`)
    await channel.prefetch(config.prefetch)
    bail()
    const ch = channel
    const reply = await ch.consume(config.queue, (msg) => {
      if (!msg || state.stopping) return
      const p = onMessage(ch, msg)
      active.add(p)
      p.finally(() => active.delete(p))
    })
    tag = reply.consumerTag
    bail()
    state.ready = true
    console.log(' [*] Waiting for messages. To exit press CTRL+C')
  }
  const ready = start()
  ready.catch(() => {})

  let stopped: Promise<void> | undefined
  async function shutdown() {
    state.stopping = true
    state.ready = false
    abort.abort(new Error('service stopped'))
    await ready.catch(() => {})
    if (channel && tag) await channel.cancel(tag).catch(() => {})
    while (active.size > 0) await Promise.allSettled(active)
    await channel?.close().catch(() => {})
    await connection?.close().catch(() => {})
    await new Promise((resolve) => server.close(resolve))
  }
  return { ready, stop: () => (stopped ??= shutdown()) }
}

if (import.meta.main) {
  const dotMs = Number(process.env.DOT_MS ?? 1000)
  const service = startService(loadConfig(process.env), async (task) => {
    console.log(` [x] Received ${task}`)
    await new Promise((r) => setTimeout(r, (task.split('.').length - 1) * dotMs))
    console.log(' [x] Done')
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      service.stop().then(() => {
        console.log('Exiting consumer')
        process.exit(0)
      })
    })
  }
}

// amqplib's own recovery keeps the connection; channel, queue and consumer belong into its setup.
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'
import type { Service, ServiceConfig } from '../10-service-lifecycle/exercise.ts'

export function startResilientService(config: ServiceConfig, handle: TaskHandler): Service {
  const { amqpUrl, queue, prefetch, retryDelayMs } = config
  const url = new URL(amqpUrl)
  url.searchParams.set('heartbeat', '1')
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let stopping = false
  let inHand = 0
  let idle: () => void = () => {}
  /** The newest life: its channel, how its set-up ends, and when its connection is closed. */
  let channel: Channel | undefined
  let settingUp: Promise<void> = Promise.resolve()
  let closed: Promise<void> = Promise.resolve()

  const work: TaskHandler = async (task) => {
    if (stopping) return new Promise(() => {})
    inHand++
    try {
      await handle(task)
    } finally {
      setImmediate(() => --inHand === 0 && idle())
    }
  }

  async function setUp(model: ChannelModel): Promise<void> {
    // A drop in the middle of the set-up would otherwise end the process.
    model.on('error', () => {})
    closed = new Promise((resolve) => model.once('close', resolve))
    const mine = await model.createChannel()
    channel = mine
    const over = () => void model.close().catch(() => {})
    mine.on('error', (error) => console.error(error.message))
    mine.on('close', () => stopping || over())
    mine.on('cancel', over)
    await mine.assertQueue(queue, { durable: true })
    await mine.prefetch(prefetch)
    await consumeTasks(mine, queue, work)
    // Ends in an awaited call, so that a drop just before is noticed.
    await mine.checkQueue(queue)
    if (!stopping) ready.resolve()
  }

  const opening = connect(url.href, {
    recovery: {
      initialDelay: retryDelayMs,
      maxDelay: Math.max(retryDelayMs, 30_000),
      jitter: 0,
      waitForConnect: false,
      setup: (model: ChannelModel) => {
        settingUp = setUp(model)
        return settingUp
      },
    },
  })
  opening.then((model) => {
    model.on('error', (error) => console.error(error.message))
    model.on('connect-failed', (error: Error) => console.error(error.message))
  })

  async function stop(): Promise<void> {
    stopping = true
    ready.reject(new Error('stopped'))
    await settingUp.catch(() => {})
    if (inHand > 0) await new Promise<void>((resolve) => (idle = resolve))
    // On a dead link neither promise settles, but the heartbeat ends it.
    await Promise.race([channel?.close().catch(() => {}), closed])
    const model = await opening
    await Promise.race([model.close(), closed])
  }
  let stopped: Promise<void> | undefined
  return { ready: ready.promise, stop: () => (stopped ??= stop()) }
}

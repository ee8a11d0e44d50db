import { connect as call } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'

/*
 * The service that lesson 13's exercise starts several times: one as lesson 11 builds it, and as obedient as the lab needs
 * it. It knows the lab's port only; everything else it should have got from its parent.
 */

/** What a process is told when it has reported. */
export interface WorkerPlan {
  /** It dies before it is ready, or as soon as it is. */
  dies?: 'at once' | 'when ready'
  /** With which exit code. Default 1. */
  exitCode?: number
  /** It works, and dies when it is so old, in milliseconds since its start. */
  diesAtMs?: number
  /** It is ready when the lab says 'ready', not before. */
  waitsToBeReady?: boolean
  /** Its tasks take until the lab says 'finish'. */
  holdsTasks?: boolean
  /** On SIGTERM its task takes so much longer; then it goes. 'ignores': it stays as if nothing had been said. */
  onSigterm?: number | 'ignores'
}

const RETRY_MS = 50

/** Runs until it is told to end, or the lab is gone. */
export async function work(port: number): Promise<void> {
  const { AMQP_URL, QUEUE, PREFETCH, RETRY_DELAY_MS } = process.env
  const line = call(port, '127.0.0.1')
  // The scenario is over.
  line.on('error', () => {})
  line.on('close', () => process.kill(process.pid, 'SIGKILL'))
  const tell = (name: string, data: object = {}) => line.write(`${JSON.stringify({ name, data })}\n`)

  const plan = Promise.withResolvers<WorkerPlan>()
  const mayBeReady = Promise.withResolvers<void>()
  const mayFinish = Promise.withResolvers<void>()
  let connection: ChannelModel | undefined
  let channel: Channel | undefined
  let consumerTag: string | undefined
  let leaving = false
  const inHand = new Set<Promise<void>>()

  async function leave(finishMs: number): Promise<void> {
    leaving = true
    if (channel && consumerTag !== undefined) await channel.cancel(consumerTag)
    await sleep(finishMs)
    mayFinish.resolve()
    await Promise.all(inHand)
    await channel?.close()
    connection?.removeAllListeners('close')
    await connection?.close()
    line.end(`${JSON.stringify({ name: 'left', data: {} })}\n`, () => process.exit(0))
  }

  process.on('SIGTERM', () => {
    tell('asked', { signal: 'SIGTERM' })
    void plan.promise.then(({ onSigterm = 0 }) => {
      if (onSigterm !== 'ignores') leave(onSigterm).catch(() => process.exit(1))
    })
  })
  const orders = createInterface({ input: line })
  // When the line breaks off, that is an error of its reader too.
  orders.on('error', () => {})
  orders.on('line', (text) => {
    const { name, plan: given } = JSON.parse(text) as { name: string; plan?: WorkerPlan }
    if (name === 'plan') plan.resolve(given ?? {})
    if (name === 'ready') mayBeReady.resolve()
    if (name === 'finish') mayFinish.resolve()
    if (name === 'die') process.kill(process.pid, 'SIGKILL')
  })
  tell('started', {
    pid: process.pid,
    env: { AMQP_URL, QUEUE, PREFETCH, RETRY_DELAY_MS },
    hasLine: typeof process.send === 'function',
    isThread: !isMainThread,
  })
  // As many programs do, it has other things to say as well.
  process.send?.('starting')
  const { dies, exitCode = 1, diesAtMs, waitsToBeReady, holdsTasks } = await plan.promise
  if (diesAtMs !== undefined) setTimeout(() => process.exit(1), diesAtMs - performance.now())
  if (dies === 'when ready') {
    // It says so at once: on a slow machine it would not die young if it went for its tasks first.
    tell('ready')
    await new Promise((sent) => (process.send ? process.send('ready', sent) : sent(undefined)))
  }
  if (dies) process.exit(exitCode)
  if (!waitsToBeReady) mayBeReady.resolve()
  if (!holdsTasks) mayFinish.resolve()
  // A broker that happens to be at the usual place is none of the lab's.
  if (AMQP_URL === undefined) return

  try {
    await serve(AMQP_URL)
  } catch (error) {
    // Whoever is told to leave while it is coming up finds its channel closed: the student need not see that.
    if (!leaving) throw error
  }

  async function serve(url: string): Promise<void> {
    const { connect } = await import('amqplib')
    while (!connection) {
      connection = await connect(url, { noDelay: true }).catch(() => undefined)
      if (!connection) await sleep(RETRY_MS)
    }
    connection.on('error', () => {})
    connection.on('close', () => process.exit(1))
    const open = await connection.createChannel()
    channel = open
    await channel.assertQueue(QUEUE ?? 'task_queue', { durable: true })
    await channel.prefetch(Number(PREFETCH ?? 1))

    async function one(message: ConsumeMessage): Promise<void> {
      const task = message.content.toString('utf8')
      tell('began', { task })
      await mayFinish.promise
      open.ack(message)
      tell('done', { task })
    }
    const reply = await channel.consume(QUEUE ?? 'task_queue', (message) => {
      if (!message) return
      const working = one(message)
      inHand.add(working)
      void working.finally(() => inHand.delete(working))
    })
    consumerTag = reply.consumerTag
    tell('consumes')
    await mayBeReady.promise
    tell('ready')
    process.send?.('ready')
  }
}

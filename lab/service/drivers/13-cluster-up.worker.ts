import { connect as call } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, connect } from 'amqplib'

/*
 * What the workers of a cluster run when the cluster is run from the menu: a service that comes back by itself when its
 * connection is lost, as lesson 11 builds it, and finishes the task in hand when it is told to end, as in lesson 10.
 */

/** What a worker is told when it has reported. */
interface Plan {
  nth: number
  /** How long the work for a dot takes. */
  dotMs: number
}

const RETRY_MS = 500

/** Runs until it is told to end, or the lab is gone. */
export async function work(port: number): Promise<void> {
  const { AMQP_URL = 'amqp://localhost', QUEUE = 'task_queue', PREFETCH = '1' } = process.env
  const line = call(port, '127.0.0.1')
  // The run is over.
  line.on('error', () => {})
  line.on('close', () => process.kill(process.pid, 'SIGKILL'))
  const tell = (name: string, data: object = {}) => line.write(`${JSON.stringify({ name, data })}\n`)

  const plan = Promise.withResolvers<Plan>()
  const orders = createInterface({ input: line })
  // When the line breaks off, that is an error of its reader too.
  orders.on('error', () => {})
  orders.on('line', (text) => {
    const { name, plan: given } = JSON.parse(text) as { name: string; plan?: Plan }
    if (name === 'plan' && given) plan.resolve(given)
    if (name === 'die') process.kill(process.pid, 'SIGKILL')
  })

  let current: { connection: ChannelModel; channel: Channel; consumerTag: string } | undefined
  let leaving = false
  const inHand = new Set<Promise<void>>()
  process.on('SIGTERM', () => {
    tell('asked')
    leaving = true
    leave().catch(() => process.exit(1))
  })
  // Ctrl-C in a terminal goes to all processes; whether the workers end is for the cluster to say.
  process.on('SIGINT', () => {})

  async function leave(): Promise<void> {
    await current?.channel.cancel(current.consumerTag)
    await Promise.all(inHand)
    await current?.channel.close()
    await current?.connection.close()
    line.end(() => process.exit(0))
  }

  tell('started', { pid: process.pid })
  const { nth, dotMs } = await plan.promise

  async function one(task: string, done: () => void): Promise<void> {
    await sleep((task.split('.').length - 1) * dotMs)
    try {
      done()
    } catch {
      // The channel is gone, and the task comes again: to this worker or to another.
    }
  }

  /** From a connection to its end. */
  async function live(): Promise<void> {
    const connection = await connect(AMQP_URL, {
      noDelay: true,
      clientProperties: { connection_name: `worker ${nth}` },
    })
    connection.on('error', () => {})
    const lost = new Promise<void>((resolve) => connection.once('close', () => resolve()))
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.assertQueue(QUEUE, { durable: true })
    await channel.prefetch(Number(PREFETCH))
    const { consumerTag } = await channel.consume(QUEUE, (message) => {
      if (!message) return
      const working = one(message.content.toString('utf8'), () => channel.ack(message))
      inHand.add(working)
      void working.finally(() => inHand.delete(working))
    })
    current = { connection, channel, consumerTag }
    tell('ready')
    process.send?.('ready')
    await lost
    current = undefined
  }

  while (!leaving) {
    await live().catch(() => {})
    if (!leaving) {
      tell('lost')
      await sleep(RETRY_MS)
    }
  }
}

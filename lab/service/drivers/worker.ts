import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, connect } from 'amqplib'

/** What every driver of a run is told: where the broker is, and how long the work for a dot takes. */
export interface Settings {
  url: string
  queue: string
  /** The nodes of its broker, each with a wire in front of it. */
  urls: string[]
  dotMs: number
  /** For a cluster: what its workers run. */
  workerFile?: string
}

/**
 * A channel as a simple service has it. What is missing is for lessons to come: it does not wait for its broker, and
 * ends with its connection.
 */
export async function workerChannel({ url }: Settings): Promise<Channel> {
  process.once('SIGINT', () => {
    console.log('Exiting consumer')
    process.exit(0)
  })
  const connection = await connect(url, { noDelay: true })
  connection.on('error', (error: Error) => console.error(`The connection is lost: ${error.message}`))
  connection.on('close', () => process.exit(1))
  const channel = await connection.createChannel()
  channel.on('error', (error: Error) => console.error(`The channel is closed: ${error.message}`))
  return channel
}

/** What lesson 05 reads from the environment. */
export interface ServiceConfig {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
}

export function configOf({ url, queue }: Settings): ServiceConfig {
  return { amqpUrl: url, queue, prefetch: 1, retryDelayMs: 1000 }
}

/** The work for a task: a while for each dot. */
export async function work(task: string, { dotMs }: Settings): Promise<void> {
  console.log(` [x] Received ${task}`)
  await sleep((task.split('.').length - 1) * dotMs)
  console.log(` [x] Done with ${task}`)
}

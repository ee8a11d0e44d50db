/** A file and a better one: with a line that changed, some that moved, and a long stretch that is alike. */
export const SOLUTION = `import { type Channel } from 'amqplib'

export interface Options {
  queue: string
  prefetch?: number
  onError?: (error: Error) => void
}

export async function consume(channel: Channel, options: Options): Promise<string> {
  const { queue, prefetch = 10 } = options
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => void work(channel, message))
  return consumerTag
}

async function work(channel: Channel, message: unknown): Promise<void> {
  try {
    await handle(message)
  } catch (error) {
    console.error('The task goes back to the queue:', error)
    channel.nack(message)
    return
  }
  channel.ack(message)
}
`

export const YOURS = `import { type Channel } from 'amqplib'

export interface Options {
  queue: string
  prefetch?: number
  onError?: (error: Error) => void
}

export async function consume(channel: Channel, options: Options): Promise<string> {
  const { queue, prefetch = 10 } = options
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => work(channel, message), { noAck: true })
  return consumerTag
}

async function work(channel: Channel, message: unknown): Promise<void> {
  channel.ack(message)
  try {
    await handle(message)
  } catch (error) {
    console.error('The task failed:', error)
  }
}
`

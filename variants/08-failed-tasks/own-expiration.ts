import type { Channel, ConsumeMessage, Options } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

/** One task at a time; each copy brings its own expiration, and its count in its type. */
export const declareWorkQueues = async (channel: Channel, queue: string, _policy: FailurePolicy): Promise<void> => {
  await Promise.all([
    channel.assertQueue(queue),
    channel.assertQueue(`${queue}.dead`),
    channel.assertQueue(`${queue}-waiting`, { deadLetterExchange: '', deadLetterRoutingKey: queue }),
  ])
}

export const consumeOrSetAside = async (
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  { maxAttempts, retryDelayMs }: FailurePolicy,
): Promise<string> => {
  const [, { consumerTag }] = await Promise.all([
    channel.prefetch(1),
    channel.consume(queue, async (message) => {
      if (message === null) return
      const done = await attempt(message.content.toString())
      try {
        if (!done) passOn(message)
        channel.ack(message)
      } catch (error) {
        console.error('too late:', (error as Error).message)
      }
    }),
  ])
  return consumerTag

  async function attempt(task: string): Promise<boolean> {
    try {
      await handle(task)
      return true
    } catch {
      return false
    }
  }

  function passOn({ content, properties }: ConsumeMessage): void {
    const failed = Number(/^failed-(\d+)$/.exec(properties.type ?? '')?.[1] ?? 0) + 1
    const options: Options.Publish = { persistent: true, type: `failed-${failed}` }
    if (failed >= maxAttempts) channel.sendToQueue(`${queue}.dead`, content, options)
    else channel.sendToQueue(`${queue}-waiting`, content, { ...options, expiration: retryDelayMs })
  }
}

// expectation: calls a handler that always fails maxAttempts times, and then sets the task aside
// misconception: x-death-not-read, It looks as if the broker counts, and its number is not read: x-death has one entry for each queue and reason, and the number is in the `count` of that entry.
// frame: basic.nack
import type { Channel, ConsumeMessage, XDeath } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

/** The broker moves the task and counts: rejected, it waits in a queue with a time to live, and comes back from there. */
export async function declareWorkQueues(channel: Channel, queue: string, policy: FailurePolicy): Promise<void> {
  const exchange = `${queue}.failed`
  await channel.assertExchange(exchange, 'direct', { durable: true })
  await channel.assertQueue(queue, { durable: true, deadLetterExchange: exchange, deadLetterRoutingKey: 'later' })
  await channel.assertQueue(`${queue}.later`, {
    durable: true,
    messageTtl: policy.retryDelayMs,
    deadLetterExchange: exchange,
    deadLetterRoutingKey: 'again',
  })
  await channel.assertQueue(`${queue}.dead`, { durable: true })
  await channel.bindQueue(`${queue}.later`, exchange, 'later')
  await channel.bindQueue(queue, exchange, 'again')
}

export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  { maxAttempts }: FailurePolicy,
): Promise<string> {
  const rejections = ({ properties }: ConsumeMessage) => {
    const deaths = (properties.headers?.['x-death'] ?? []) as XDeath[]
    return deaths.filter((death) => death.queue === queue && death.reason === 'rejected').length
  }
  const ok = await channel.consume(queue, (message) => {
    if (!message) return
    const succeeded = () => channel.ack(message)
    const failed = () => {
      if (rejections(message) + 1 < maxAttempts) return channel.nack(message, false, false)
      channel.sendToQueue(`${queue}.dead`, message.content, { persistent: true })
      channel.ack(message)
    }
    Promise.resolve(message.content.toString())
      .then(handle)
      .then(succeeded, failed)
      .catch((error: unknown) => console.error(String(error)))
  })
  return ok.consumerTag
}

import type { Channel, ConsumeMessage } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

/** The dead queue is where the broker puts what is rejected. */
export function declareWorkQueues(channel: Channel, queue: string, _policy: FailurePolicy): Promise<void> {
  const dead = `${queue}.dead`
  return channel
    .assertQueue(dead, { durable: true })
    .then(() => channel.assertQueue(queue, { durable: true, deadLetterExchange: '', deadLetterRoutingKey: dead }))
    .then(() => {})
}

/** A failed task is held until its time has come, and goes to the end of its own queue then; promise chains. */
export function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  policy: FailurePolicy,
): Promise<string> {
  const again = (message: ConsumeMessage, attempt: number) => () => {
    try {
      channel.sendToQueue(queue, message.content, { persistent: true, headers: { attempt } })
      channel.ack(message)
    } catch (error) {
      console.error((error as Error).message)
    }
  }
  const onMessage = (message: ConsumeMessage | null) => {
    if (!message) return
    const attempt: number = message.properties.headers?.attempt ?? 1
    const failed = () => {
      if (attempt >= policy.maxAttempts) channel.reject(message, false)
      else setTimeout(again(message, attempt + 1), policy.retryDelayMs)
    }
    new Promise<void>((resolve) => resolve(handle(message.content.toString())))
      .then(() => channel.ack(message), failed)
      .catch(console.error)
  }
  return channel.consume(queue, onMessage).then(({ consumerTag }) => consumerTag)
}

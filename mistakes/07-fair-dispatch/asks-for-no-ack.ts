// expectation: holds no more than `prefetch` tasks, and leaves the others to faster workers
// misconception: no-ack, It looks as if the consumer asks for noAck: nothing is ever unacknowledged then, so no limit has a hold on it.
// frame: basic.consume
import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(
    queue,
    (message) => {
      if (message === null) return
      void work(message, handle)
    },
    { noAck: true },
  )
  return consumerTag
}

async function work(message: ConsumeMessage, handle: TaskHandler): Promise<void> {
  try {
    await handle(message.content.toString('utf8'))
  } catch (error) {
    console.error('The task failed:', error)
  }
}

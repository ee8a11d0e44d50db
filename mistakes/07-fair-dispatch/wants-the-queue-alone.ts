// expectation: holds no more than `prefetch` tasks, and leaves the others to faster workers
// misconception: wants-the-queue-alone, It looks as if the consumer asks for the queue alone (exclusive): no other worker can help then.
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
      void work(channel, message, handle)
    },
    { exclusive: true },
  )
  return consumerTag
}

async function work(channel: Channel, message: ConsumeMessage, handle: TaskHandler): Promise<void> {
  try {
    await handle(message.content.toString('utf8'))
  } catch (error) {
    console.error('The task goes back to the queue:', error)
    settle(() => channel.nack(message))
    return
  }
  settle(() => channel.ack(message))
}

function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The task will come again: ${(error as Error).message}`)
  }
}

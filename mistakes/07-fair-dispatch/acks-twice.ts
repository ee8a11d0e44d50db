// expectation: never acknowledges a task twice, or with another's ack
// misconception: acks-twice, It looks as if a task is acknowledged twice: the broker then closes the channel.
// frame: basic.ack
import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return
    void work(channel, message, handle)
  })
  return consumerTag
}

async function work(channel: Channel, message: ConsumeMessage, handle: TaskHandler): Promise<void> {
  try {
    await handle(message.content.toString('utf8'))
    settle(() => channel.ack(message))
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

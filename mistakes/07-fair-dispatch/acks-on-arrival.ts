// expectation: holds no more than `prefetch` tasks, and leaves the others to faster workers
// misconception: acks-early, It looks as if a task is acknowledged before its work is done: the broker then sends the next one, and forgets this one.
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
  settle(() => channel.ack(message))
  try {
    await handle(message.content.toString('utf8'))
  } catch (error) {
    console.error('The task failed:', error)
  }
}

function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The task will come again: ${(error as Error).message}`)
  }
}

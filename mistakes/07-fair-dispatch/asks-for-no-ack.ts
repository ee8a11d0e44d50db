// expectation: holds no more than `prefetch` tasks, and leaves the others to faster workers
// misconception: no-ack
// frame: basic.consume

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** All in one file: the consumer of lesson 04 is written out again, behind a limit. */
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

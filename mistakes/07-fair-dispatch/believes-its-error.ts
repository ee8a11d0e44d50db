// expectation: acknowledges only what is done: a failed task comes back
// misconception: expects-an-error
// frame: basic.ack

import type { Channel } from 'amqplib'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'

export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (message === null) return
    let failure: unknown
    try {
      await handle(message.content.toString())
    } catch (error) {
      failure = error
    }
    try {
      if (failure) channel.nack(message)
      else channel.ack(message)
    } catch {
      console.error('The channel is closed: the task will come again.')
    }
  })
  return consumerTag
}

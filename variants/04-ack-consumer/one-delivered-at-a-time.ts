import { randomUUID } from 'node:crypto'
import type { Channel } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** prefetch(1), an async callback, a tag of its own, and a pause before a failed task goes back. */
export const consumeTasks = async (channel: Channel, queue: string, handle: TaskHandler): Promise<string> => {
  await channel.prefetch(1)
  const { consumerTag } = await channel.consume(
    queue,
    async (message) => {
      if (message === null) return
      let failed = false
      try {
        await handle(message.content.toString('utf-8'))
      } catch {
        failed = true
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
      try {
        if (failed) channel.nack(message, false, true)
        else channel.ack(message, false)
      } catch (error) {
        console.log('too late:', (error as Error).message)
      }
    },
    { consumerTag: `worker-${randomUUID()}` },
  )
  return consumerTag
}

import type { Channel } from 'amqplib'

/** Does the work of one task. Resolves when the work is done; rejects, or throws, when it failed. */
export type TaskHandler = (task: string) => Promise<void>

/**
 * Calls `handle` with each task of the queue. A task leaves the queue when its work is done, and not before.
 *
 * @returns the consumer tag that the broker gave
 */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  await channel.consume(
    queue,
    (message) => {
      handle(String(message?.content))
    },
    { noAck: true },
  )
  return queue
}

import type { Channel } from 'amqplib'

/** Does the work of one task. Resolves when the work is done, and rejects (or throws) if it fails. */
export type TaskHandler = (task: string) => Promise<void>

/**
 * Calls `handle` with each task in the queue. A task leaves the queue once its work is done, and not before.
 *
 * @returns the consumer tag that the broker assigned
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

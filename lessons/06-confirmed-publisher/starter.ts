import type { ConfirmChannel } from 'amqplib'

/** Publishes tasks, and reports what happened to each of them. */
export interface Publisher {
  /** Resolves when the broker confirms that it has the task. Rejects if it doesn't have it, or if nobody can know. */
  publish(queue: string, task: string): Promise<void>
}

/**
 * @param channel in confirm mode: the broker answers each task with an ack or a nack
 */
export function createPublisher(channel: ConfirmChannel): Publisher {
  return {
    async publish(queue, task) {
      channel.sendToQueue(queue, Buffer.from(task))
    },
  }
}

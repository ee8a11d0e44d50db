import type { ConfirmChannel } from 'amqplib'

/** Publishes tasks, and knows what became of each. */
export interface Publisher {
  /** Resolves when the broker says that it has the task; rejects when it has not, or when nobody will ever know. */
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

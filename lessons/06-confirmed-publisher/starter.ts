import type { ConfirmChannel } from 'amqplib'

/** Publishes tasks, and knows what happened to each of them. */
export interface Publisher {
  /** Resolves when the broker says that it has the task. Rejects when it hasn't, or when nobody will ever know. */
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

// expectation: rejects when no queue takes the task
// misconception: declares-the-queue
// frame: queue.declare

import type { ConfirmChannel } from 'amqplib'

/** One at a time, and each with its queue: so that no task is ever lost for want of one. */
export function createPublisher(channel: ConfirmChannel) {
  let last: Promise<unknown> = Promise.resolve()

  async function publishNow(queue: string, task: string): Promise<void> {
    await channel.assertQueue(queue, { durable: true })
    channel.sendToQueue(queue, Buffer.from(task), { persistent: true })
    await channel.waitForConfirms()
  }

  return {
    publish(queue: string, task: string): Promise<void> {
      const mine = last.then(() => publishNow(queue, task))
      last = mine.catch(() => {})
      return mine
    },
  }
}

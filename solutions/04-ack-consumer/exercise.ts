import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/**
 * Works on the tasks of a queue. A task is acknowledged when its handler's promise has resolved; one whose handler
 * failed goes back to the queue.
 *
 * @returns the consumer tag, with which the caller can cancel
 */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) {
      console.error(`RabbitMQ cancelled the consumer of '${queue}': is the queue gone?`)
      return
    }
    void work(channel, message, handle)
  })
  return consumerTag
}

/** Works on one task. Never rejects: nobody waits for it. */
async function work(channel: Channel, message: ConsumeMessage, handle: TaskHandler): Promise<void> {
  try {
    await handle(message.content.toString('utf8'))
  } catch (error) {
    console.error('The task goes back to the queue:', error)
    settle(() => channel.nack(message))
    return
  }
  settle(() => channel.ack(message))
}

/** On a dead channel there is nothing left to settle: the broker has put the task back already. */
function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error('The task can not be settled any more, and will come again:', error)
  }
}

import type { Channel, ConsumeMessage } from 'amqplib'

/** Holds the IDs of the tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

export type IdentifiedTaskHandler = (task: string, id: string) => Promise<void>

/**
 * Works on the tasks in a queue, once per ID, however often a task arrives.
 *
 * @returns the consumer tag that the broker assigned
 */
export async function consumeOnce(
  channel: Channel,
  queue: string,
  handle: IdentifiedTaskHandler,
  _done: DoneStore,
): Promise<string> {
  // This is lesson 04's consumer. It knows nothing about IDs and never asks the store.
  async function work(message: ConsumeMessage): Promise<void> {
    try {
      await handle(message.content.toString('utf8'), '')
    } catch (error) {
      console.error('The task goes back to the queue:', error)
      settle(() => channel.nack(message))
      return
    }
    settle(() => channel.ack(message))
  }

  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message !== null) void work(message)
  })
  return consumerTag
}

/** On a closed channel, there's nothing left to ack or nack, because the broker has already requeued the task. */
function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The task will come again: ${(error as Error).message}`)
  }
}

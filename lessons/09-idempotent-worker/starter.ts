import type { Channel, ConsumeMessage } from 'amqplib'

/** The ids of tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

export type IdentifiedTaskHandler = (task: string, id: string) => Promise<void>

/**
 * Works on the tasks of a queue, once for each id, however often a task comes.
 *
 * @returns the consumer tag that the broker gave
 */
export async function consumeOnce(
  channel: Channel,
  queue: string,
  handle: IdentifiedTaskHandler,
  _done: DoneStore,
): Promise<string> {
  // Lesson 04's consumer. It knows no ids, and never asks the store.
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

/** On a dead channel there is nothing left to settle: the broker has put the task back already. */
function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The task will come again: ${(error as Error).message}`)
  }
}

import type { Channel, ConsumeMessage } from 'amqplib'

/** Holds the IDs of the tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

export type IdentifiedTaskHandler = (task: string, id: string) => Promise<void>

/**
 * Works on the tasks in a queue, once per ID, however often a task arrives. The order is: work, remember, acknowledge.
 * If the handler or the store fails, the task goes back to the queue.
 *
 * @returns the consumer tag, which the caller needs to cancel the consumer
 */
export async function consumeOnce(
  channel: Channel,
  queue: string,
  handle: IdentifiedTaskHandler,
  done: DoneStore,
): Promise<string> {
  /** The work in progress, by ID. A copy that arrives in the meantime shares its outcome. */
  const atWork = new Map<string, Promise<void>>()

  async function workAndRemember(task: string, id: string): Promise<void> {
    if (await done.has(id)) return
    await handle(task, id)
    await done.add(id)
  }

  async function workOnce(task: string, id: string): Promise<void> {
    // As far as anybody knows, tasks without an ID are all different.
    if (id === '') return handle(task, id)
    const other = atWork.get(id)
    if (other) return other
    // There's no await between get() and set(), so no other copy can get in between.
    const work = workAndRemember(task, id).finally(() => atWork.delete(id))
    atWork.set(id, work)
    return work
  }

  async function settleAfterWork(message: ConsumeMessage): Promise<void> {
    const id: string = message.properties.messageId ?? ''
    try {
      await workOnce(message.content.toString('utf8'), id)
    } catch (error) {
      console.error('The task goes back to the queue:', error)
      settle(() => channel.nack(message))
      return
    }
    settle(() => channel.ack(message))
  }

  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) {
      console.error(`RabbitMQ cancelled the consumer of '${queue}': is the queue gone?`)
      return
    }
    void settleAfterWork(message)
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

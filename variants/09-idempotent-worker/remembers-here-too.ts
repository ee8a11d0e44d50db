// What the store has said yes to, or has taken, is kept here as well, for the last thousand: it is asked less often.
import type { Channel, ConsumeMessage } from 'amqplib'

/** The ids of tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

export type IdentifiedTaskHandler = (task: string, id: string) => Promise<void>

/**
 * Works on the tasks of a queue, once for each id, however often a task comes: work, then remember, then acknowledge. A
 * task that failed, or that could not be remembered, goes back to the queue.
 *
 * @returns the consumer tag, with which the caller can cancel
 */
export async function consumeOnce(
  channel: Channel,
  queue: string,
  handle: IdentifiedTaskHandler,
  done: DoneStore,
): Promise<string> {
  /** What is being worked on, by id: a copy that comes meanwhile shares its fate. */
  const seen = new Set<string>()
  const atWork = new Map<string, Promise<void>>()

  async function workAndRemember(task: string, id: string): Promise<void> {
    if (seen.has(id) || (await done.has(id))) return
    await handle(task, id)
    await done.add(id)
    seen.add(id)
    if (seen.size > 1000) seen.delete(seen.values().next().value as string)
  }

  async function workOnce(task: string, id: string): Promise<void> {
    // Tasks without an id are all different, as far as anybody knows.
    if (id === '') return handle(task, id)
    const other = atWork.get(id)
    if (other) return other
    // There is no await between looking and setting, so no copy can come between them.
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

/** On a dead channel there is nothing left to settle: the broker has put the task back already. */
function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The task will come again: ${(error as Error).message}`)
  }
}

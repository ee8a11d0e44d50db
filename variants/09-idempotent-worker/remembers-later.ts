import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ConsumeMessage } from 'amqplib'

/** The ids of tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

/** Asks and tells the store again and again itself, and works only once even when it could not be remembered at first. */
export async function consumeOnce(
  channel: Channel,
  queue: string,
  handle: (task: string, id: string) => Promise<void>,
  done: DoneStore,
): Promise<string> {
  const outcomes = new Map<string, Promise<void>>()

  async function untilItAnswers<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        console.warn('the store:', (error as Error).message)
        await sleep(5)
      }
    }
  }

  async function doOnce(task: string, id: string): Promise<void> {
    if (await untilItAnswers(() => done.has(id))) return
    await handle(task, id)
    await untilItAnswers(() => done.add(id))
  }

  async function outcome({ content, properties: { messageId = '' } }: ConsumeMessage): Promise<void> {
    const task = content.toString()
    if (messageId === '') return handle(task, '')
    const known = outcomes.get(messageId) ?? doOnce(task, messageId)
    outcomes.set(messageId, known)
    try {
      await known
    } finally {
      outcomes.delete(messageId)
    }
  }

  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (message === null) return
    const succeeded = await outcome(message).then(
      () => true,
      () => false,
    )
    try {
      if (succeeded) channel.ack(message)
      else channel.nack(message)
    } catch (error) {
      console.warn('it comes again:', (error as Error).message)
    }
  })
  return consumerTag
}

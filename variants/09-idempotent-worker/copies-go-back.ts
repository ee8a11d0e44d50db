import type { Channel, ConsumeMessage } from 'amqplib'

/** The ids of tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

const PAUSE_MS = 10

/** A copy of what is being worked on goes back to the queue after a pause: by then the store knows more. */
export async function consumeOnce(
  channel: Channel,
  queue: string,
  handle: (task: string, id: string) => Promise<void>,
  done: DoneStore,
): Promise<string> {
  const atWork = new Set<string>()
  const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS))

  /** @returns whether the task may be forgotten */
  async function isDone(task: string, id: string): Promise<boolean> {
    if (atWork.has(id)) return false
    if (id !== '') atWork.add(id)
    try {
      if (id === '' || !(await done.has(id))) await handle(task, id)
      if (id !== '') await done.add(id)
      return true
    } catch (error) {
      console.error(task, String(error))
      return false
    } finally {
      atWork.delete(id)
    }
  }

  async function take(message: ConsumeMessage): Promise<void> {
    if (await isDone(message.content.toString('utf8'), message.properties.messageId || '')) {
      channel.ack(message)
      return
    }
    await pause()
    channel.nack(message, false, true)
  }

  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message) take(message).catch((error: Error) => console.error(error.message))
  })
  return consumerTag
}

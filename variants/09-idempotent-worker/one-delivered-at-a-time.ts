import type { Channel } from 'amqplib'

/** The ids of tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

/** One task at a time, so no copy can come while another is worked on. A failed task goes back after a pause. */
export async function consumeOnce(
  channel: Channel,
  queue: string,
  handle: (task: string, id: string) => Promise<void>,
  done: DoneStore,
): Promise<string> {
  await channel.prefetch(1)
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (!message) return
    const id = String(message.properties.messageId ?? '')
    let answer = () => channel.ack(message)
    try {
      const known = id !== '' && (await done.has(id))
      if (!known) {
        await handle(message.content.toString('utf-8'), id)
        if (id !== '') await done.add(id)
      }
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
      answer = () => channel.nack(message)
    }
    try {
      answer()
    } catch (error) {
      console.log('too late:', (error as Error).message)
    }
  })
  return consumerTag
}

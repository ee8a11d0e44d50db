// expectation: acknowledges only what is done: a failed task comes back
// misconception: acks-early
// frame: basic.ack

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** Whatever is done, the task that came last is acknowledged. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  const received: ConsumeMessage[] = []
  const work = async (message: ConsumeMessage) => {
    try {
      await handle(message.content.toString())
    } catch (error) {
      console.error(error)
      received.splice(received.indexOf(message), 1)
      return channel.nack(message)
    }
    const newest = received.pop()
    if (newest) channel.ack(newest)
  }
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (!message) return
    received.push(message)
    work(message).catch((error: Error) => console.error(error.message))
  })
  return consumerTag
}

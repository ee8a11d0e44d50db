// expectation: finishes in another worker what a killed one left undone
// misconception: redelivered-is-done
// frame: basic.ack

import type { Channel } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** What somebody had before is discarded; what failed is left unacknowledged. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, async (message) => {
    if (!message) return
    try {
      if (!message.fields.redelivered) await handle(message.content.toString())
      channel.ack(message)
    } catch (error) {
      console.error('left for later:', error)
    }
  })
  return consumerTag
}

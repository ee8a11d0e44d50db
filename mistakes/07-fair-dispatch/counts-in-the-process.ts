// expectation: holds no more than `prefetch` tasks, and leaves the others to faster workers
// misconception: no-limit
// frame: basic.consume

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** Works on `prefetch` tasks at once; what has come besides waits in a list. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  const waiting: ConsumeMessage[] = []
  let running = 0

  async function work(message: ConsumeMessage): Promise<void> {
    running++
    try {
      await handle(message.content.toString('utf8'))
      channel.ack(message)
    } catch (error) {
      console.error('not done:', (error as Error).message)
    } finally {
      running--
      next()
    }
  }

  function next(): void {
    const message = running < prefetch ? waiting.shift() : undefined
    if (message) void work(message)
  }

  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message) waiting.push(message)
    next()
  })
  return consumerTag
}
